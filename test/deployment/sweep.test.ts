import { isDeepStrictEqual } from 'node:util'
import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { STAGES } from '../../infra/settings.ts'
import { synthesise } from './synthesise.ts'
import { aliasOf, allStatementsIn, functionNamed } from './template.ts'

const MINUTE_SECONDS = 60

test.each(STAGES)('in %s overdue holds are swept every minute', (stage) => {
  const { service } = synthesise(stage)

  const rule = ruleOfSweep(service)

  expect(rule).toMatchObject({
    State: 'ENABLED',
    ScheduleExpression: 'rate(1 minute)',
    Targets: [{ Arn: { Ref: aliasOf(service, sweepIn(service)) } }],
  })
})

test('a sweep that fails is tried again by nobody: the next one finds what it left', () => {
  const { service } = synthesise('prod')

  const rule = ruleOfSweep(service)
  const asynchronous = propertiesIn(service, 'AWS::Lambda::EventInvokeConfig')
  const ofSweep = asynchronous.filter((config) =>
    isDeepStrictEqual(config['FunctionName'], { Ref: sweepIn(service).id }),
  )

  expect(rule).toMatchObject({ Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }] })
  expect(ofSweep).toMatchObject([
    {
      Qualifier: nameOf(aliasOf(service, sweepIn(service))),
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: MINUTE_SECONDS,
    },
  ])
})

test('a sweep is over when the next one starts', () => {
  const { service } = synthesise('prod')

  const { Timeout } = sweepIn(service)

  expect(Timeout).toBe(MINUTE_SECONDS)
})

test('the schedule may call the sweep, and nobody else may', () => {
  const { service } = synthesise('prod')

  const permissions = propertiesIn(service, 'AWS::Lambda::Permission')
  const allowed = allStatementsIn(service).filter(({ Action }) => /^lambda:/.test(String(Action)))

  const alias = { Ref: aliasOf(service, sweepIn(service)) }
  const ofSweep = permissions.filter((permission) =>
    isDeepStrictEqual(permission['FunctionName'], alias),
  )
  expect(ofSweep).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: alias,
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^SweepSchedule\w{8}$/), 'Arn'] },
    },
  ])
  expect(allowed).toEqual([])
})

function sweepIn(template: Template) {
  return functionNamed(template, 'sweep')
}

/** An alias is referred to by its ARN, and its name is the last part of that. */
function nameOf(alias: string) {
  return { 'Fn::Select': [7, { 'Fn::Split': [':', { Ref: alias }] }] }
}

function ruleOfSweep(template: Template) {
  return propertiesIn(template, 'AWS::Events::Rule').find(({ Description }) =>
    String(Description).includes('holds'),
  )
}

function propertiesIn(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'])
}
