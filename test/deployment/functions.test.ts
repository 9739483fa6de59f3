import { Match, type Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { STAGES } from '../../infra/settings.ts'
import { VERIFY_BUDGET_MS } from '../../lib/ledger/verify.ts'
import { synthesise, WITH_EVERYTHING, WITH_ISSUER } from './synthesise.ts'
import { doorsIn, functionNamed, functionsIn } from './template.ts'

const OF_THE_API = ['write', 'read', 'admin', 'ops', 'docs']
const FUNCTIONS = [...OF_THE_API, 'sweep', 'audit', 'watch']
/** With all that can be switched on. */
const ALL_FUNCTIONS = [...FUNCTIONS, 'freeze', 'webhooks', 'canary']

/** A REST API waits 29 s, an HTTP API 30. */
const GATEWAY_WAITS_SECONDS = 29

test('every function runs on Node 24 and arm64', () => {
  const { service } = synthesise('dev', WITH_EVERYTHING)

  const functions = functionsIn(service)

  expect(new Set(functions.map(({ name }) => name))).toEqual(new Set(ALL_FUNCTIONS))
  for (const { Runtime, Architectures, Handler } of functions) {
    expect({ Runtime, Architectures, Handler }).toEqual({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    })
  }
})

test('every function of the API ends by itself before API Gateway stops waiting for it', () => {
  const { service } = synthesise('prod')

  const ofTheApi = functionsIn(service).filter(({ name }) => OF_THE_API.includes(name))

  const timeouts = ofTheApi.map(({ Timeout }) => Timeout)
  expect(Math.max(...timeouts)).toBeLessThan(GATEWAY_WAITS_SECONDS)
})

test('the verification of a long chain gives up before its function times out', () => {
  const { service } = synthesise('prod')

  const { Timeout } = functionNamed(service, 'read')

  // The last page takes a second or two, and the API answers half a second before the function times out.
  expect(VERIFY_BUDGET_MS).toBeLessThanOrEqual(Timeout * 1_000 - 4_000)
})

test.each([
  { given: {}, stage: 'prod', isReserved: true },
  { given: {}, stage: 'dev', isReserved: false },
  { given: { reservedConcurrency: 'false' }, stage: 'prod', isReserved: false },
  { given: { reservedConcurrency: 'true' }, stage: 'dev', isReserved: true },
] as const)(
  'in $stage with $given, what must have its turn and what must not take all has a share of its own: $isReserved',
  ({ given, stage, isReserved }) => {
    const { service } = synthesise(stage, { ...WITH_EVERYTHING, ...given })

    const shares = functionsIn(service).flatMap(({ name, ReservedConcurrentExecutions }) =>
      ReservedConcurrentExecutions === undefined ? [] : [[name, ReservedConcurrentExecutions]],
    )

    expect(Object.fromEntries(shares)).toEqual(isReserved ? { docs: 20, sweep: 1, freeze: 5 } : {})
  },
)

const EVERYWHERE = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE']
const OF_CALLERS = ['LEDGER_TABLE', 'API_KEYS_SECRET']
const OF_PROJECTOR = ['LEDGER_TABLE', 'AUDIT_TABLE', 'EVENT_BUS', 'EVENT_SOURCE']
const OF_TOKENS = ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_JWKS_URI']

test.each(STAGES)(
  'in %s a function is told what it needs, and of what is not configured, nothing',
  (stage) => {
    const { service } = synthesise(stage)

    const settings = settingNames(service)

    expect(settings).toEqual({
      write: new Set([...EVERYWHERE, ...OF_CALLERS]),
      read: new Set([...EVERYWHERE, ...OF_CALLERS, 'AUDIT_TABLE', 'CURSOR_SECRET']),
      admin: new Set([...EVERYWHERE, ...OF_CALLERS, 'AUDIT_TABLE']),
      ops: new Set([...EVERYWHERE, ...OF_CALLERS, ...OF_PROJECTOR, 'CURSOR_SECRET']),
      docs: new Set(EVERYWHERE),
      sweep: new Set([...EVERYWHERE, 'LEDGER_TABLE']),
      audit: new Set([...EVERYWHERE, ...OF_PROJECTOR]),
      watch: new Set([...EVERYWHERE, 'LEDGER_TABLE', 'AUDIT_TABLE']),
    })
  },
)

test('the functions that ask who is calling are told whom to trust, and the others are not', () => {
  const without = settingNames(synthesise('prod').service)
  const withOne = settingNames(synthesise('prod', WITH_ISSUER).service)

  const told = FUNCTIONS.map((name) => [name, added(withOne[name], without[name])])

  const asking = new Set(['write', 'read', 'admin', 'ops'])
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(FUNCTIONS.map((name) => [name, new Set(asking.has(name) ? OF_TOKENS : [])])),
  )
})

test('a function that is switched on is told what it needs, and no more', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const { freeze, webhooks, canary } = settingNames(service)

  const ofQueues = ['WEBHOOK_QUEUE_URL', 'WEBHOOK_DEAD_LETTER_URL']
  expect(freeze).toEqual(new Set([...EVERYWHERE, 'LEDGER_TABLE']))
  expect(webhooks).toEqual(new Set([...EVERYWHERE, ...ofQueues, 'WEBHOOK_SECRET']))
  expect(canary).toEqual(new Set([...EVERYWHERE, 'CANARY_URL', 'CANARY_KEY_SECRET']))
})

test('the settings of a deployment come to its functions as they were given', () => {
  const { data, service } = synthesise('prod', WITH_EVERYTHING)

  const settings = functionsIn(service).map(({ name, Environment }) => [
    name,
    Environment.Variables,
  ])

  const [keysId] = Object.keys(data.findResources('AWS::SecretsManager::Secret'))
  const [keys] = Object.values(
    data.findOutputs('*', { Value: { Ref: keysId }, Export: Match.anyValue() }),
  )
  const { issuer, audience, operatorAudience, playerClaim, jwksUri, corsOrigins } = WITH_EVERYTHING
  const ofCallers = {
    API_KEYS_SECRET: { 'Fn::ImportValue': keys?.['Export'].Name },
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
    JWT_OPERATOR_AUDIENCE: operatorAudience,
    JWT_PLAYER_CLAIM: playerClaim,
    JWT_JWKS_URI: jwksUri,
    CORS_ORIGINS: corsOrigins,
  }
  const ofRules = {
    RAPID_WITHDRAWALS_COUNT: WITH_EVERYTHING.rapidWithdrawalsCount,
    RAPID_WITHDRAWALS_WITHIN_MS: WITH_EVERYTHING.rapidWithdrawalsWithinMs,
    LARGE_WITHDRAWAL_AMOUNT: WITH_EVERYTHING.largeWithdrawalAmount,
  }
  expect(Object.fromEntries(settings)).toMatchObject({
    write: ofCallers,
    read: ofCallers,
    admin: ofCallers,
    ops: { ...ofCallers, ...ofRules },
    audit: ofRules,
    docs: { CORS_ORIGINS: corsOrigins },
  })
})

test('functions are traced by Lambda if that is asked for, and not otherwise', () => {
  const untraced = functionsIn(synthesise('prod').service)
  const traced = functionsIn(synthesise('prod', WITH_EVERYTHING).service)

  expect(untraced.map(({ TracingConfig }) => TracingConfig?.Mode ?? 'as it comes')).toEqual(
    FUNCTIONS.map(() => 'as it comes'),
  )
  expect(traced.map(({ TracingConfig }) => TracingConfig?.Mode)).toEqual(
    ALL_FUNCTIONS.map(() => 'Active'),
  )
})

test('the secret of the cursors is in no template', () => {
  const { service } = synthesise('prod')

  const read = functionsIn(service).find(({ name }) => name === 'read')

  const [secretId] = Object.keys(service.findResources('AWS::SecretsManager::Secret'))
  expect(read?.Environment.Variables['CURSOR_SECRET']).toEqual({
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secretId }, ':SecretString:::}}']],
  })
})

test.each([
  { stage: 'dev', days: 7, policy: 'Delete' },
  { stage: 'prod', days: 90, policy: 'Retain' },
] as const)(
  'in $stage every function has a log of its own, the doors have one, and each is kept for $days days',
  (row) => {
    const { service } = synthesise(row.stage, WITH_EVERYTHING)

    const ofFunctions = functionsIn(service).map(({ LoggingConfig }) => LoggingConfig.LogGroup)
    const ofDoors = Object.values(doorsIn(service)).map(
      ({ stage }) => stage.AccessLogSettings.DestinationArn,
    )

    const groups = service.findResources('AWS::Logs::LogGroup')
    expect(new Set(ofFunctions).size).toBe(ALL_FUNCTIONS.length)
    expect(new Set(ofDoors).size).toBe(1)
    expect(new Set([...ofFunctions, ...ofDoors])).toEqual(new Set(Object.keys(groups)))
    for (const group of Object.values(groups)) {
      expect(group).toMatchObject({
        DeletionPolicy: row.policy,
        Properties: { RetentionInDays: row.days },
      })
    }
  },
)

function settingNames(template: Template): Record<string, Set<string>> {
  const names = functionsIn(template).map(({ name, Environment }) => [
    name,
    new Set(Object.keys(Environment.Variables)),
  ])
  return Object.fromEntries(names)
}

function added(after: ReadonlySet<string> = new Set(), before: ReadonlySet<string> = new Set()) {
  return new Set(Array.from(after).filter((name) => !before.has(name)))
}
