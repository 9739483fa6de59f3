import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { STAGES } from '../../infra/settings.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { synthesise } from './synthesise.ts'

const TABLE = 'AWS::DynamoDB::GlobalTable'

test.each(STAGES)('the ledger of %s has the keys and the stream of its definition', (stage) => {
  const { data } = synthesise(stage)

  const tables = tablesIn(data)

  const { partitionKey, sortKey, stream } = LEDGER_TABLE
  expect(tables).toMatchObject([
    {
      Properties: {
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
        StreamSpecification: { StreamViewType: stream },
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
  ])
})

test.each(STAGES)('the ledger of %s has the indexes of its definition, of keys only', (stage) => {
  const { data } = synthesise(stage)

  const tables = tablesIn(data)

  const { partitionKey, sortKey, indexes } = LEDGER_TABLE
  expect(indexes).not.toEqual([])
  expect(tables).toMatchObject([
    {
      Properties: {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: 'HASH' },
            { AttributeName: index.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
        AttributeDefinitions: [
          { AttributeName: partitionKey, AttributeType: 'S' },
          { AttributeName: sortKey, AttributeType: 'S' },
          ...indexes.flatMap((index) => [
            { AttributeName: index.partitionKey, AttributeType: 'S' },
            { AttributeName: index.sortKey, AttributeType: 'N' },
          ]),
        ],
      },
    },
  ])
})

test.each(STAGES)('the ledger of %s can be restored to any point in time', (stage) => {
  const { data } = synthesise(stage)

  const tables = tablesIn(data)

  const restorable = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }
  expect(tables).toMatchObject([{ Properties: { Replicas: [restorable] } }])
})

test('the ledger of prod outlives its stack, and cannot be deleted by mistake', () => {
  const { data } = synthesise('prod')

  const tables = tablesIn(data)

  expect(tables).toMatchObject([
    {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { Replicas: [{ DeletionProtectionEnabled: true }] },
    },
  ])
})

test('the ledger of dev goes with its stack', () => {
  const { data } = synthesise('dev')

  const tables = tablesIn(data)

  expect(tables).toMatchObject([
    {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { Replicas: [{ DeletionProtectionEnabled: false }] },
    },
  ])
})

test.each([
  { stage: 'prod', isProtected: true },
  { stage: 'dev', isProtected: false },
] as const)('the protection of the data stack of $stage is $isProtected', (row) => {
  const { stacks } = synthesise(row.stage)

  const { terminationProtection } = stacks.data

  expect(terminationProtection).toBe(row.isProtected)
})

test('the name of the table is an output', () => {
  const { data } = synthesise('dev')

  const outputs = data.findOutputs('LedgerTableName')

  const [tableId] = Object.keys(data.findResources(TABLE))
  expect(outputs).toEqual({ LedgerTableName: { Value: { Ref: tableId } } })
})

function tablesIn(template: Template): unknown[] {
  return Object.values(template.findResources(TABLE))
}
