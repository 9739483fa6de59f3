import { Match, type Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { ASSET_PARTITION } from '../../lib/store/keys.ts'
import { HOLD_EXPIRY_INDEX } from '../../lib/store/tables.ts'
import { synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { allStatementsIn, functionsIn, type Statement, statementsOf } from './template.ts'

const TABLE = 'the table'
const INDEX = 'the index of holds'
const API_KEYS = 'the API keys'

const always = undefined
const insideTransaction = {
  'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
}
const onAssets = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [ASSET_PARTITION] } }

/** Who may do what on the ledger, and who may read the keys of servers. A right that is not in here is a right that nobody has. */
const RIGHTS = {
  write: [
    ['dynamodb:BatchGetItem', TABLE, always],
    ['dynamodb:GetItem', TABLE, always],
    ['dynamodb:PutItem', TABLE, insideTransaction],
    ['dynamodb:UpdateItem', TABLE, insideTransaction],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  read: [
    ['dynamodb:BatchGetItem', TABLE, always],
    ['dynamodb:GetItem', TABLE, always],
    ['dynamodb:Query', TABLE, always],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  admin: [
    ['dynamodb:GetItem', TABLE, always],
    ['dynamodb:PutItem', TABLE, onAssets],
    ['dynamodb:Query', TABLE, always],
    ['dynamodb:UpdateItem', TABLE, insideTransaction],
    ['secretsmanager:GetSecretValue', API_KEYS, always],
  ],
  docs: [],
  sweep: [
    ['dynamodb:BatchGetItem', TABLE, always],
    ['dynamodb:GetItem', TABLE, always],
    ['dynamodb:PutItem', TABLE, insideTransaction],
    ['dynamodb:Query', INDEX, always],
    ['dynamodb:UpdateItem', TABLE, insideTransaction],
  ],
}

test('each function has exactly the rights on data that are listed here', () => {
  const { data, service } = synthesise('prod')

  const rights = functionsIn(service).map((lambda) => [
    lambda.name,
    rightsIn(statementsOf(service, lambda).filter(isAboutData), data),
  ])

  expect(Object.fromEntries(rights)).toEqual(RIGHTS)
})

test('nobody but a function has a right on data', () => {
  const { service } = synthesise('prod')

  const all = allStatementsIn(service).filter(isAboutData)

  const ofFunctions = functionsIn(service).flatMap((lambda) => statementsOf(service, lambda))
  expect(all).toEqual(expect.arrayContaining(ofFunctions.filter(isAboutData)))
  expect(all).toHaveLength(ofFunctions.filter(isAboutData).length)
})

test('besides, a function may write its own log', () => {
  const { service } = synthesise('prod')

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

  // Traces are no resource: IAM knows them by no name.
  const tracing = {
    Effect: 'Allow',
    Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    Resource: '*',
  }
  expect(after).toEqual(before.map((statements) => [...statements, tracing]))
})

test('an issuer, origins and all else that can be set give nobody a right', () => {
  const without = synthesise('prod').service
  const configured = synthesise('prod', { ...WITH_EVERYTHING, tracing: 'false' }).service

  const rights = allStatementsIn(configured)

  expect(rights).toEqual(allStatementsIn(without))
})

test('nobody may delete, and no right comes by a pattern or from a managed policy', () => {
  const { service } = synthesise('prod')

  const actions = allStatementsIn(service).flatMap(({ Action }) => Action)

  expect(actions.filter((action) => /delete|\*/i.test(action))).toEqual([])
  for (const role of Object.values(service.findResources('AWS::IAM::Role'))) {
    expect(Object.keys(role['Properties'])).toEqual(['AssumeRolePolicyDocument'])
  }
})

function isAboutData({ Action }: Statement): boolean {
  return Action.some((action) => !/^(logs|lambda):/.test(action))
}

/** As the other stack names what is of this one. */
function imported(data: Template, value: unknown): unknown {
  const [output] = Object.values(data.findOutputs('*', { Value: value, Export: Match.anyValue() }))
  expect(output).toBeDefined()
  return { 'Fn::ImportValue': output?.['Export'].Name }
}

/** One for each action, by its name. An action that is allowed twice is here twice. */
function rightsIn(statements: readonly Statement[], data: Template): unknown[] {
  const [tableId] = Object.keys(data.findResources('AWS::DynamoDB::GlobalTable'))
  const [keysId] = Object.keys(data.findResources('AWS::SecretsManager::Secret'))
  const tableArn = imported(data, { 'Fn::GetAtt': [tableId, 'Arn'] })
  const indexArn = { 'Fn::Join': ['', [tableArn, `/index/${HOLD_EXPIRY_INDEX.name}`]] }
  const names = new Map([
    [JSON.stringify(tableArn), TABLE],
    [JSON.stringify(indexArn), INDEX],
    [JSON.stringify(imported(data, { Ref: keysId })), API_KEYS],
  ])
  return statements
    .flatMap(({ Action, Resource, Condition }) => {
      const resource = names.get(JSON.stringify(Resource)) ?? Resource
      return Action.map((action) => [action, resource, Condition] as const)
    })
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
