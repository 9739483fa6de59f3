import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { LOCALSTACK_SETTINGS } from '../../local/localstack/settings.ts'
import localStack from './localstack-resources.json' with { type: 'json' }
import { type Given, synthesise } from './synthesise.ts'
import { functionsIn } from './template.ts'

/** As LocalStack has them since 4.11.0. */
const RUNTIMES = ['nodejs24.x']

const whole = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) })

/** It says that it can make these, too; nothing here is left to what it does not do then. */
const FREE = new Set(localStack.free)

test.each([{}, { autoFreeze: 'true', webhooks: 'true' }])(
  'with %j too, LocalStack can make all that is deployed to it, without an account and on its free plan',
  (more) => {
    const types = typesIn(forLocalStack(more))

    expect(types.filter((type) => !FREE.has(type))).toEqual([])
  },
)

test('what is for people in a console is left out there, because LocalStack cannot make it', () => {
  const types = typesIn(forLocalStack({ console: 'true' }))

  const impossible = types.filter((type) => !FREE.has(type))
  expect(impossible).toEqual(['AWS::CloudWatch::Dashboard', 'AWS::Logs::QueryDefinition'])
  expect(localStack.none).toEqual(expect.arrayContaining(impossible))
})

test('an HTTP API would need a plan that is paid for', () => {
  const types = typesIn(forLocalStack({ edge: 'http' }))

  const others = types.filter((type) => !FREE.has(type))
  expect(others).toContain('AWS::ApiGatewayV2::Api')
  expect(localStack.paid).toEqual(expect.arrayContaining(others))
})

test('LocalStack has the runtime of every function', () => {
  const { service } = forLocalStack()

  const runtimes = functionsIn(service).map(({ Runtime }) => Runtime)

  expect(runtimes).not.toEqual([])
  expect(RUNTIMES).toEqual(expect.arrayContaining(runtimes))
})

test('the settings that the functions get there are those of any deployment', () => {
  const there = functionsIn(forLocalStack().service)
  const elsewhere = functionsIn(synthesise('dev', { ...LOCALSTACK_SETTINGS, edge: 'http' }).service)

  expect(there.map(settingsOf)).toEqual(elsewhere.map(settingsOf))
})

function forLocalStack(more: Given = {}) {
  return synthesise('dev', { ...LOCALSTACK_SETTINGS, ...more })
}

function typesIn({ data, service }: { readonly data: Template; readonly service: Template }) {
  const resources = [data, service].flatMap((template) =>
    Object.values(whole.parse(template.toJSON()).Resources),
  )
  const types = new Set(resources.map(({ Type }) => Type))
  return Array.from(types).toSorted((one, other) => one.localeCompare(other))
}

function settingsOf({ name, Environment }: ReturnType<typeof functionsIn>[number]) {
  return { name, settings: Object.keys(Environment.Variables) }
}
