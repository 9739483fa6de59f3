import { expect, test } from 'vitest'
import { ASSET_PARTITION } from '../../lib/store/keys.ts'
import { synthesise } from './synthesise.ts'
import { allStatementsIn, functionsIn, type Statement, statementsOf } from './template.ts'

/** Who may do what on the ledger. A right that is not in here is a right that nobody has. */
const RIGHTS = {
  write: {
    'dynamodb:BatchGetItem': 'always',
    'dynamodb:GetItem': 'always',
    'dynamodb:PutItem': {
      'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
    },
    'dynamodb:UpdateItem': {
      'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
    },
  },
  read: {
    'dynamodb:BatchGetItem': 'always',
    'dynamodb:GetItem': 'always',
    'dynamodb:Query': 'always',
  },
  admin: {
    'dynamodb:PutItem': {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [ASSET_PARTITION] },
    },
  },
}

test('a function may make the calls that it makes, under the conditions that it makes them', () => {
  const { service } = synthesise('prod')

  const rights = functionsIn(service).map((lambda) => [
    lambda.name,
    rightsIn(statementsOf(service, lambda).filter(isAboutData)),
  ])

  expect(Object.fromEntries(rights)).toEqual(RIGHTS)
})

test('a right on data is a right on the ledger table, and on nothing else', () => {
  const { data, service } = synthesise('prod')

  const resources = allStatementsIn(service).filter(isAboutData)

  const [tableId] = Object.keys(data.findResources('AWS::DynamoDB::GlobalTable'))
  const [[, ledgerArn] = []] = Object.entries(
    data.findOutputs('*', { Value: { 'Fn::GetAtt': [tableId, 'Arn'] } }),
  )
  expect(ledgerArn).toBeDefined()
  for (const { Resource } of resources) {
    expect(Resource).toEqual({ 'Fn::ImportValue': ledgerArn?.['Export'].Name })
  }
})

test('besides the ledger, a function may write its own log', () => {
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

test('nobody may delete, and no right comes by a pattern or from a managed policy', () => {
  const { service } = synthesise('prod')

  const actions = allStatementsIn(service).flatMap(({ Action }) => Action)

  expect(actions.filter((action) => /delete|\*/i.test(action))).toEqual([])
  for (const role of Object.values(service.findResources('AWS::IAM::Role'))) {
    expect(Object.keys(role['Properties'])).toEqual(['AssumeRolePolicyDocument'])
  }
})

function isAboutData({ Action }: Statement): boolean {
  return Action.some((action) => !action.startsWith('logs:'))
}

function rightsIn(statements: readonly Statement[]): Record<string, unknown> {
  return Object.fromEntries(
    statements.flatMap(({ Action, Condition }) =>
      Action.map((action) => [action, Condition ?? 'always'] as const),
    ),
  )
}
