import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { STAGES } from '../../infra/settings.ts'
import { AUDIT_TABLE, LEDGER_TABLE, type TableDefinition } from '../../lib/store/tables.ts'
import { synthesise } from './synthesise.ts'

const TABLE = 'AWS::DynamoDB::GlobalTable'

describe.each([LEDGER_TABLE, AUDIT_TABLE])('the table $name', (definition) => {
  test.each(STAGES)('in %s it has the keys of its definition', (stage) => {
    const { data } = synthesise(stage)

    const { Properties } = tableIn(data, definition)

    expect(Properties).toMatchObject({
      KeySchema: [
        { AttributeName: definition.partitionKey, KeyType: 'HASH' },
        { AttributeName: definition.sortKey, KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    })
  })

  test.each(STAGES)(
    'in %s it has the stream of its definition, and what ends by itself',
    (stage) => {
      const { data } = synthesise(stage)

      const { StreamSpecification, TimeToLiveSpecification } = tableIn(data, definition).Properties

      const { stream, timeToLive } = definition
      expect(StreamSpecification).toEqual(stream && { StreamViewType: stream })
      expect(TimeToLiveSpecification).toEqual(
        timeToLive && { AttributeName: timeToLive, Enabled: true },
      )
    },
  )

  test.each(STAGES)('in %s it has the indexes of its definition', (stage) => {
    const { data } = synthesise(stage)

    const { Properties } = tableIn(data, definition)

    const { partitionKey, sortKey, indexes } = definition
    expect(indexes).not.toEqual([])
    expect(Properties.GlobalSecondaryIndexes).toMatchObject(
      indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.partitionKey, KeyType: 'HASH' },
          { AttributeName: index.sortKey, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: index.projection },
      })),
    )
    const attributes = [
      [partitionKey, 'S'],
      [sortKey, 'S'],
      ...indexes.map((index) => [index.partitionKey, 'S']),
      ...indexes.map((index) => [index.sortKey, 'N']),
    ]
    const defined = Properties.AttributeDefinitions.map(
      ({ AttributeName, AttributeType }: Record<string, unknown>) => [AttributeName, AttributeType],
    )
    expect(Object.fromEntries(defined)).toEqual(Object.fromEntries(attributes))
  })

  test.each(STAGES)('in %s it is encrypted with a key of the account', (stage) => {
    const { data } = synthesise(stage)

    const { Properties } = tableIn(data, definition)

    expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' })
  })

  test.each(STAGES)('in %s it can be restored to any point in time', (stage) => {
    const { data } = synthesise(stage)

    const { Properties } = tableIn(data, definition)

    const restorable = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }
    expect(Properties.Replicas).toMatchObject([restorable])
  })

  test.each([
    { stage: 'prod', policy: 'Retain', isProtected: true },
    { stage: 'dev', policy: 'Delete', isProtected: false },
  ] as const)('in $stage its stack may take it away: $policy', ({ stage, policy, isProtected }) => {
    const { data } = synthesise(stage)

    const table = tableIn(data, definition)

    expect(table).toMatchObject({ DeletionPolicy: policy, UpdateReplacePolicy: policy })
    expect(table.Properties.Replicas).toMatchObject([{ DeletionProtectionEnabled: isProtected }])
  })

  test('its name is an output', () => {
    const { data } = synthesise('dev')

    const name = `${definition.name}TableName`
    const outputs = data.findOutputs(name)

    expect(outputs).toEqual({ [name]: { Value: { Ref: idIn(data, definition) } } })
  })
})

test.each([
  { stage: 'prod', isProtected: true },
  { stage: 'dev', isProtected: false },
] as const)('the protection of the data stack of $stage is $isProtected', (row) => {
  const { stacks } = synthesise(row.stage)

  const { terminationProtection } = stacks.data

  expect(terminationProtection).toBe(row.isProtected)
})

/** By the id that the CDK makes of its name. */
function idIn(data: Template, { name }: TableDefinition): string {
  const id = Object.keys(data.findResources(TABLE)).find((each) => each.startsWith(name))
  if (!id) throw new Error(`there is no table ${name}`)
  return id
}

function tableIn(data: Template, definition: TableDefinition) {
  const table = data.findResources(TABLE)[idIn(data, definition)]
  if (!table) throw new Error(`there is no table ${definition.name}`)
  return { ...table, Properties: table['Properties'] }
}
