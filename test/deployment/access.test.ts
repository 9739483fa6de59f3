import { Match, type Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { ANSWERS_PARTITION } from '../../functions/once.ts'
import {
  deadLetterKey,
  flagKey,
  GENERATIONS_KEY,
  PROGRESS_KEY,
  projectionPartition,
  statementPartition,
  supplyPartition,
} from '../../lib/audit/table/keys.ts'
import type { WalletId } from '../../lib/money/account.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { ASSET_PARTITION } from '../../lib/store/keys.ts'
import { BY_KIND_INDEX, BY_WALLET_INDEX, HOLD_EXPIRY_INDEX } from '../../lib/store/tables.ts'
import { synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { allStatementsIn, functionsIn, type Statement, statementsOf } from './template.ts'

const LEDGER = 'the ledger'
const HOLDS = 'the index of holds'
const STREAM = 'the stream of the ledger'
const AUDIT = 'the audit'
const BY_KIND = 'the index of what has to be looked at, by kind'
const BY_WALLET = 'the index of what has to be looked at, by wallet'
const FAILED_RECORDS = 'the failed records'
const IN_FAILED_RECORDS = 'what is in the failed records'
const API_KEYS = 'the API keys'
const EVENTS = 'the events'
const MISSED_FREEZES = 'the missed freezes'
const WEBHOOKS = 'the webhooks'
const DEAD_LETTERS = 'the dead letters of the webhooks'
const ENDPOINTS = 'the endpoints of the webhooks'
const CANARY_KEY = 'the key of the canary'

/** An action, what it may be done to, and when. */
type Right = readonly [string, unknown, unknown?]

const always = undefined
const insideTransaction = {
  'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
}
const on = (...partitions: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
})
const onAnswers = on(ANSWERS_PARTITION)
const ofWallets = { ...insideTransaction, ...on('W#*') }
const aStep = { ...insideTransaction, ...on('*#W#*', '*#S#*', '*#Y#*', 'F#*') }

/** Who may do what. A right that is not in here is a right that nobody has. */
const RIGHTS: Record<string, readonly Right[]> = {
  write: [
    ['dynamodb:BatchGetItem', LEDGER, always],
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:PutItem', LEDGER, insideTransaction],
    ['dynamodb:UpdateItem', LEDGER, insideTransaction],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  read: [
    ['dynamodb:BatchGetItem', LEDGER, always],
    ['dynamodb:GetItem', AUDIT, always],
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:Query', AUDIT, always],
    ['dynamodb:Query', BY_KIND, always],
    ['dynamodb:Query', LEDGER, always],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  admin: [
    ['dynamodb:DeleteItem', AUDIT, onAnswers],
    ['dynamodb:GetItem', AUDIT, onAnswers],
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:PutItem', AUDIT, onAnswers],
    ['dynamodb:PutItem', LEDGER, on(ASSET_PARTITION)],
    ['dynamodb:Query', LEDGER, always],
    ['dynamodb:UpdateItem', AUDIT, onAnswers],
    ['dynamodb:UpdateItem', LEDGER, ofWallets],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  ops: [
    ['dynamodb:DeleteItem', AUDIT, on('D#*')],
    ['dynamodb:DeleteItem', AUDIT, onAnswers],
    ['dynamodb:GetItem', AUDIT, always],
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:PutItem', AUDIT, aStep],
    ['dynamodb:PutItem', AUDIT, onAnswers],
    ['dynamodb:Query', BY_KIND, always],
    ['dynamodb:Query', BY_WALLET, always],
    ['dynamodb:Query', LEDGER, always],
    ['dynamodb:UpdateItem', AUDIT, aStep],
    ['dynamodb:UpdateItem', AUDIT, on('F#*')],
    ['dynamodb:UpdateItem', AUDIT, onAnswers],
    ['events:PutEvents', EVENTS, always],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  docs: [],
  sweep: [
    ['dynamodb:BatchGetItem', LEDGER, always],
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:PutItem', LEDGER, insideTransaction],
    ['dynamodb:Query', HOLDS, always],
    ['dynamodb:UpdateItem', LEDGER, insideTransaction],
  ],
  audit: [
    ['dynamodb:DescribeStream', STREAM, always],
    ['dynamodb:GetItem', AUDIT, always],
    ['dynamodb:GetRecords', STREAM, always],
    ['dynamodb:GetShardIterator', STREAM, always],
    ['dynamodb:ListStreams', '*', always],
    ['dynamodb:PutItem', AUDIT, aStep],
    ['dynamodb:Query', LEDGER, always],
    ['dynamodb:UpdateItem', AUDIT, aStep],
    ['dynamodb:UpdateItem', AUDIT, on('F#*', 'D#*', 'L')],
    ['events:PutEvents', EVENTS, always],
    ['s3:ListBucket', FAILED_RECORDS, always],
    ['s3:PutObject', IN_FAILED_RECORDS, always],
  ],
  watch: [
    ['dynamodb:GetItem', AUDIT, on('G', 'L')],
    ['dynamodb:Query', AUDIT, on('*#S#*')],
    ['dynamodb:Query', BY_KIND, always],
    ['dynamodb:Query', LEDGER, on(ASSET_PARTITION)],
  ],
}

/** Where it is switched on. */
const RIGHTS_TO_FREEZE: Record<string, readonly Right[]> = {
  freeze: [
    ['dynamodb:GetItem', LEDGER, always],
    ['dynamodb:Query', LEDGER, always],
    ['dynamodb:UpdateItem', LEDGER, ofWallets],
    ['sqs:SendMessage', MISSED_FREEZES, always],
  ],
}
const RIGHTS_TO_SEND: Record<string, readonly Right[]> = {
  webhooks: [
    ['secretsmanager:GetSecretValue', ENDPOINTS, always],
    ['sqs:ChangeMessageVisibility', WEBHOOKS, always],
    ['sqs:DeleteMessage', WEBHOOKS, always],
    ['sqs:GetQueueAttributes', WEBHOOKS, always],
    ['sqs:ReceiveMessage', WEBHOOKS, always],
    ['sqs:SendMessage', DEAD_LETTERS, always],
    ['sqs:SendMessage', WEBHOOKS, always],
  ],
}
const RIGHTS_TO_SING: Record<string, readonly Right[]> = {
  canary: [['secretsmanager:GetSecretValue', CANARY_KEY, always]],
}

test.each([
  { given: {}, expected: RIGHTS },
  { given: { autoFreeze: 'true' }, expected: { ...RIGHTS, ...RIGHTS_TO_FREEZE } },
  { given: { webhooks: 'true' }, expected: { ...RIGHTS, ...RIGHTS_TO_SEND } },
  { given: { canary: 'true' }, expected: { ...RIGHTS, ...RIGHTS_TO_SING } },
])('with $given each function has exactly the rights that are listed here', (row) => {
  const { data, service } = synthesise('prod', row.given)

  const rights = functionsIn(service).map((lambda) => [
    lambda.name,
    rightsIn(statementsOf(service, lambda).filter(isAboutData), data, service),
  ])

  const expected = Object.entries(row.expected).map(([name, its]) => [name, inOrder(its)])
  expect(Object.fromEntries(rights)).toEqual(Object.fromEntries(expected))
})

describe('what is said about partitions means the keys that the audit makes', () => {
  const alice = 'alice' as WalletId
  const gold = 'GOLD_COINS' as AssetCode
  const ofStep = [
    projectionPartition(12, alice),
    supplyPartition(12, gold, 7),
    statementPartition(12, '@treasury', gold, 7),
    flagKey('flag_1').pk,
  ]
  const byItself = [flagKey('flag_1').pk, deadLetterKey('dead_1').pk, PROGRESS_KEY.pk]
  const all = [...ofStep, ...byItself, GENERATIONS_KEY.pk, ANSWERS_PARTITION]

  test.each([
    { what: 'a step', condition: aStep, partitions: ofStep },
    { what: 'what is written by itself', condition: on('F#*', 'D#*', 'L'), partitions: byItself },
    { what: 'answers', condition: onAnswers, partitions: [ANSWERS_PARTITION] },
    { what: 'sums', condition: on('*#S#*'), partitions: [supplyPartition(12, gold, 7)] },
    {
      what: 'where to look',
      condition: on('G', 'L'),
      partitions: [GENERATIONS_KEY.pk, PROGRESS_KEY.pk],
    },
  ])('$what', ({ condition, partitions }) => {
    const patterns = condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'].map(
      (pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`),
    )

    const allowed = all.filter((partition) => patterns.some((pattern) => pattern.test(partition)))

    expect(new Set(allowed)).toEqual(new Set(partitions))
  })
})

test('nobody but a function has a right on data', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const all = allStatementsIn(service).filter(isAboutData)

  const ofFunctions = functionsIn(service).flatMap((lambda) => statementsOf(service, lambda))
  expect(all).toEqual(expect.arrayContaining(ofFunctions.filter(isAboutData)))
  expect(all).toHaveLength(ofFunctions.filter(isAboutData).length)
})

test('besides, a function may write its own log', () => {
  const { service } = synthesise('prod', { autoFreeze: 'true', webhooks: 'true', canary: 'true' })

  const others = functionsIn(service).map((lambda) => ({
    log: lambda.LoggingConfig.LogGroup,
    statements: statementsOf(service, lambda).filter((statement) => !isAboutData(statement)),
  }))

  for (const { log, statements } of others) {
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [log, 'Arn'] },
      },
    ])
  }
})

test('a function that is traced may tell of it, and nothing else more', () => {
  const untraced = synthesise('prod').service
  const traced = synthesise('prod', { tracing: 'true' }).service

  const before = functionsIn(untraced).map((lambda) => statementsOf(untraced, lambda))
  const after = functionsIn(traced).map((lambda) => statementsOf(traced, lambda))

  // Traces are no resource: IAM knows them by no name. Neither does it know a list of streams.
  const telling = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments']
  const isAnywhere = ({ Resource }: Statement) => Resource === '*'
  expect(after.map((statements) => statements.filter((each) => !isAnywhere(each)))).toEqual(
    before.map((statements) => statements.filter((each) => !isAnywhere(each))),
  )
  expect(after.map((statements) => actionsOf(statements.filter(isAnywhere)))).toEqual(
    before.map((statements) => new Set([...actionsOf(statements.filter(isAnywhere)), ...telling])),
  )
})

test('an issuer, origins and thresholds give nobody a right', () => {
  const without = synthesise('prod').service
  const others = { tracing: 'false', autoFreeze: 'false', webhooks: 'false', canary: 'false' }
  const configured = synthesise('prod', { ...WITH_EVERYTHING, ...others }).service

  const rights = allStatementsIn(configured)

  expect(rights).toEqual(allStatementsIn(without))
})

test('nobody may delete but answers, dead letters and messages that are done', () => {
  const { data, service } = synthesise('prod', WITH_EVERYTHING)

  const deleting = rightsIn(allStatementsIn(service), data, service).filter(([action]) =>
    /delete|\*/i.test(action),
  )

  expect(deleting).toEqual([
    ['dynamodb:DeleteItem', AUDIT, on('D#*')],
    ['dynamodb:DeleteItem', AUDIT, onAnswers],
    ['dynamodb:DeleteItem', AUDIT, onAnswers],
    ['sqs:DeleteMessage', WEBHOOKS, always],
  ])
})

test('no right of a function comes from a managed policy', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const roles = service.findResources('AWS::IAM::Role')

  for (const { Role } of functionsIn(service)) {
    expect(Object.keys(roles[Role]?.['Properties'])).toEqual(['AssumeRolePolicyDocument'])
  }
})

function isAboutData({ Action }: Statement): boolean {
  return Action.some((action) => !/^(logs|lambda|xray):/.test(action))
}

function actionsOf(statements: readonly Statement[]): Set<string> {
  return new Set(statements.flatMap(({ Action }) => Action))
}

/** As the other stack names what is of this one. */
function imported(data: Template, value: unknown): unknown {
  const [output] = Object.values(data.findOutputs('*', { Value: value, Export: Match.anyValue() }))
  expect(output).toBeDefined()
  return { 'Fn::ImportValue': output?.['Export'].Name }
}

/** What each of our names is in the templates. What is not deployed has no name. */
function namesIn(data: Template, service: Template): Map<string, string> {
  const find = (template: Template, type: string, name: string) =>
    Object.keys(template.findResources(type)).find((id) => new RegExp(`^${name}\\w{8}$`).test(id))
  const ofData = (type: string, name: string, attribute = 'Arn') =>
    imported(data, { 'Fn::GetAtt': [find(data, type, name), attribute] })
  const ofService = (type: string, name: string) => ({
    'Fn::GetAtt': [find(service, type, name), 'Arn'],
  })
  const below = (arn: unknown, path: string) => ({ 'Fn::Join': ['', [arn, path]] })

  const table = 'AWS::DynamoDB::GlobalTable'
  const secret = 'AWS::SecretsManager::Secret'
  const queue = 'AWS::SQS::Queue'
  const ledger = ofData(table, 'Ledger')
  const audit = ofData(table, 'Audit')
  const failedRecords = ofData('AWS::S3::Bucket', 'FailedRecords')
  const names: [unknown, string][] = [
    [ledger, LEDGER],
    [below(ledger, `/index/${HOLD_EXPIRY_INDEX.name}`), HOLDS],
    [ofData(table, 'Ledger', 'StreamArn'), STREAM],
    [audit, AUDIT],
    [below(audit, `/index/${BY_KIND_INDEX.name}`), BY_KIND],
    [below(audit, `/index/${BY_WALLET_INDEX.name}`), BY_WALLET],
    [failedRecords, FAILED_RECORDS],
    [below(failedRecords, '/*'), IN_FAILED_RECORDS],
    [imported(data, { Ref: find(data, secret, 'ApiKeys') }), API_KEYS],
    [ofService('AWS::Events::EventBus', 'Events'), EVENTS],
    [ofService(queue, 'MissedFreezes'), MISSED_FREEZES],
    [ofService(queue, 'Webhooks'), WEBHOOKS],
    [ofService(queue, 'WebhookDeadLetters'), DEAD_LETTERS],
    [{ Ref: find(service, secret, 'WebhookEndpoints') }, ENDPOINTS],
    [{ Ref: find(service, secret, 'CanaryKey') }, CANARY_KEY],
  ]
  return new Map(names.map(([value, name]) => [JSON.stringify(value), name]))
}

/** One for each action and resource, in order. One that is allowed twice is here twice. */
function rightsIn(statements: readonly Statement[], data: Template, service: Template) {
  const names = namesIn(data, service)
  const rights = statements.flatMap(({ Action, Resource, Condition }) =>
    [Resource].flat().flatMap((resource) => {
      const name = names.get(JSON.stringify(resource)) ?? resource
      return Action.map((action): Right => [action, name, Condition])
    }),
  )
  return inOrder(rights)
}

function inOrder(rights: readonly Right[]): Right[] {
  const text = ([action, resource, condition]: Right) =>
    JSON.stringify([action, resource, Object.entries(condition ?? {}).sort()])
  return rights.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
