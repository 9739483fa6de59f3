import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'
import { synthesise } from './synthesise.ts'
import { aliasNameIn, functionNamed } from './template.ts'

const MAPPING = 'AWS::Lambda::EventSourceMapping'
const BUCKET = 'AWS::S3::Bucket'
/** As Lambda writes it. */
const WITHOUT_END = -1

test('the audit hears of the ledger as its mapping says', () => {
  const { data, service } = synthesise('prod')

  const mappings = propertiesIn(service, MAPPING)

  const { filters, ...mapping } = STREAM_MAPPING
  const [bucketId] = Object.keys(data.findResources(BUCKET))
  expect(mappings).toEqual([
    {
      FunctionName: aliasNameIn(service, functionNamed(service, 'audit')),
      EventSourceArn: importOf(data, 'Ledger', 'StreamArn'),
      StartingPosition: mapping.startingPosition,
      FilterCriteria: { Filters: filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) },
      BatchSize: mapping.batchSize,
      MaximumBatchingWindowInSeconds: mapping.batchWindowSeconds,
      ParallelizationFactor: mapping.parallelizationFactor,
      FunctionResponseTypes: mapping.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
      BisectBatchOnFunctionError: mapping.bisectBatchOnError,
      MaximumRetryAttempts: WITHOUT_END,
      MaximumRecordAgeInSeconds: mapping.maxRecordAgeSeconds,
      DestinationConfig: {
        OnFailure: { Destination: importOf(data, String(bucketId), 'Arn') },
      },
      MetricsConfig: { Metrics: ['EventCount'] },
    },
  ])
})

test('the audit has time for seven rounds of a database or a bus that hangs', () => {
  const { service } = synthesise('prod')

  const { Timeout } = functionNamed(service, 'audit')

  const [rounds, busSeconds, tableSeconds] = [7, 12, 8]
  expect(Timeout).toBeGreaterThan(rounds * busSeconds + 2 * tableSeconds)
})

describe('the failed records', () => {
  test.each([
    { stage: 'prod', policy: 'Retain' },
    { stage: 'dev', policy: 'Delete' },
  ] as const)('are kept for 90 days, and in $stage with their stack: $policy', (row) => {
    const { data } = synthesise(row.stage)

    const buckets = Object.values(data.findResources(BUCKET))

    expect(buckets).toMatchObject([
      {
        DeletionPolicy: row.policy,
        UpdateReplacePolicy: row.policy,
        Properties: {
          LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] },
        },
      },
    ])
  })

  test('are encrypted, are public to nobody, and come by TLS only', () => {
    const { data } = synthesise('prod')

    const [bucket] = propertiesIn(data, BUCKET)
    const [policy] = propertiesIn(data, 'AWS::S3::BucketPolicy')

    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
    expect(policy).toMatchObject({
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    })
  })
})

function importOf(data: Template, name: string, attribute: string): unknown {
  const [output] = Object.values(data.findOutputs('*')).filter(
    ({ Value, Export }) =>
      Export && Value['Fn::GetAtt']?.[0].startsWith(name) && Value['Fn::GetAtt'][1] === attribute,
  )
  return { 'Fn::ImportValue': output?.['Export'].Name }
}

function propertiesIn(template: Template, type: string) {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'])
}
