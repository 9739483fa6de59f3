import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AccessRecord } from '../../lib/http/access-log.ts'
import { ROUTES, type Route } from '../../lib/http/routes.ts'
import { synthesise } from './synthesise.ts'
import { functionsIn } from './template.ts'

const definition = z.object({
  Name: z.string(),
  LogGroupNames: z.array(z.object({ Ref: z.string() })),
  QueryString: z.string(),
})

/** Its names are checked by the compiler: a query for a field that is not written finds nothing, silently. */
const RECORD: Record<keyof AccessRecord, true> = {
  at: true,
  requestId: true,
  method: true,
  operation: true,
  path: true,
  caller: true,
  keyId: true,
  clientIp: true,
  headers: true,
  status: true,
  outcome: true,
  transactionId: true,
  reason: true,
  replayed: true,
  durationMs: true,
}

test('a saved query finds who tried to make a transaction, in the logs of every function of the API', () => {
  const { service } = synthesise('prod')

  const query = queryIn(service)

  const ofTheApi = new Set<string>(Object.values<Route>(ROUTES).map((route) => route.function))
  const logs = functionsIn(service).filter(({ name }) => ofTheApi.has(name))
  expect(query.Name).toBe('Strongbox/prod/access by transaction')
  expect(new Set(query.LogGroupNames)).toEqual(
    new Set(logs.map(({ LoggingConfig }) => ({ Ref: LoggingConfig.LogGroup }))),
  )
  expect(query.QueryString).toContain('| filter message = "access"\n')
  expect(query.QueryString).toContain('| filter access.transactionId = "txn_"\n')
})

test('the saved query asks for nothing but what a record has', () => {
  const { service } = synthesise('prod')

  const query = queryIn(service)

  const fields = Array.from(query.QueryString.matchAll(/access\.(\w+)/g), ([, field]) => field)
  expect(fields).not.toEqual([])
  expect(Object.keys(RECORD)).toEqual(expect.arrayContaining(fields))
})

function queryIn(template: Template) {
  const [query] = Object.values(template.findResources('AWS::Logs::QueryDefinition'))
  return definition.parse(query?.['Properties'])
}
