import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { EDGES } from '../../infra/settings.ts'
import { SWEEP_METRICS } from '../../lib/ledger/sweep-metrics.ts'
import { synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { functionNamed, functionsIn } from './template.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
const RUNBOOK = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8')
const OF_EDGE = { http: {}, rest: { edge: 'rest' } } as const
/** By what they look at, when it is wrong, and how often it has to be. */
const EXPECTED = [
  'ManyConflicts: Sum of Conflicts in 60 s > 300, 5 of 5',
  'TablesThrottled: SUM([FILL(ledgerReads, 0), FILL(ledgerWrites, 0), FILL(auditReads, 0), FILL(auditWrites, 0), FILL(ledgerHoldExpiry, 0), FILL(auditByKind, 0), FILL(auditByWallet, 0)]) > 0, 3 of 5',
  'FunctionsThrottled: SUM([FILL(write, 0), FILL(read, 0), FILL(admin, 0), FILL(ops, 0), FILL(docs, 0), FILL(audit, 0)]) > 0, 2 of 3',
  'HoldsStay: Maximum of FellShort in 60 s > 0, 5 of 5',
  'AuditStandsStill: Minimum of NewestChangeAge in 600 s > 1200000, 1 of 1',
  'SweepHasNotRun: Sum of Invocations in 300 s < 1, 1 of 1, or silence',
  'UnexplainedChanges: Sum of UnexplainedChanges in 60 s > 0, 1 of 1',
  'RecordsParked: Sum of RecordsParked in 60 s > 0, 1 of 1',
  'RecordsGivenUp: Sum of OnFailureDestinationDeliveredEventCount in 60 s > 0, 1 of 1',
  'RecordsNotKept: Sum of DestinationDeliveryFailures in 60 s > 0, 1 of 1',
  'AuditIsLate: Maximum of IteratorAge in 60 s > 60000, 3 of 3',
  'BooksDoNotBalance: Maximum of UnbalancedAssets in 600 s > 0, 1 of 1',
  'DeadLettersWait: Minimum of OpenDeadLetters in 600 s > 0, 6 of 6',
  'WatchHasNotRun: Sum of WatchRuns in 600 s < 1, 2 of 2, or silence',
  'CanaryFails: Minimum of CanaryFailures in 600 s > 0, 1 of 1, or silence',
  'FreezeMissed: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1',
  'WebhookGivenUp: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1',
  ...['Write', 'Read', 'Sweep', 'Audit', 'Webhooks'].map(
    (name) => `${name}Dies: Sum of Errors in 60 s > 0, 2 of 3`,
  ),
  ...['Admin', 'Ops', 'Docs', 'Freeze', 'Watch', 'Canary'].map(
    (name) => `${name}Dies: Sum of Errors in 600 s > 0, 1 of 1`,
  ),
]
const DOORS = {
  http: [
    'ApiFails: 100 * SUM([signaturefailures, tokenfailures]) / SUM([signaturerequests, tokenrequests]) > 1, 2 of 3',
    'ApiIsSlow: MAX([signaturelatency, tokenlatency]) > 800, 5 of 5',
  ],
  rest: [
    'ApiFails: 100 * SUM([restfailures]) / SUM([restrequests]) > 1, 2 of 3',
    'ApiIsSlow: MAX([restlatency]) > 800, 5 of 5',
  ],
}
/** CloudWatch takes no more in the expression of an alarm. */
const MOST_METRICS = 10

describe.each(EDGES)('with the edge %s', (edge) => {
  const { service } = synthesise('prod', { ...WITH_EVERYTHING, ...OF_EDGE[edge] })
  const alarms = alarmsIn(service)

  test('these are watched', () => {
    const rules = alarms.map(({ id, rule }) => `${id}: ${rule}`)

    expect(new Set(rules)).toEqual(new Set([...DOORS[edge], ...EXPECTED]))
  })

  test('every alarm tells when it begins and when it ends', () => {
    const [topic] = Object.keys(service.findResources('AWS::SNS::Topic'))

    const told = alarms.map(({ AlarmActions, OKActions }) => [AlarmActions, OKActions])

    expect(told).toEqual(alarms.map(() => [[{ Ref: topic }], [{ Ref: topic }]]))
  })

  test('no alarm has more metrics than CloudWatch takes, and none searches for them', () => {
    const metrics = alarms.flatMap(({ Metrics = [] }) => [Metrics])

    expect(metrics).not.toEqual([])
    for (const all of metrics) {
      expect(all.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(MOST_METRICS)
      expect(JSON.stringify(all)).not.toContain('SEARCH')
    }
  })
})

test('every alarm has its paragraph in the runbook, and every paragraph its alarm', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const explained = Array.from(RUNBOOK.matchAll(/^### (.+)$/gm), ([, title = '']) =>
    title.split(', '),
  ).flat()

  const ids = alarmsIn(service).map(({ id }) => id)
  expect(explained).toHaveLength(ids.length)
  expect(new Set(explained)).toEqual(new Set(ids))
})

test('who reads the mail of an alarm learns where to look', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const descriptions = alarmsIn(service).map(({ id, AlarmDescription }) => [id, AlarmDescription])

  for (const [id, description] of descriptions) {
    expect(description).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook.md, ${id}\\.$`))
  }
})

test('an address that is given hears of all of them, and otherwise nobody is written to', () => {
  const without = synthesise('prod').service
  const withOne = synthesise('prod', WITH_EVERYTHING).service

  const subscriptions = withOne.findResources('AWS::SNS::Subscription')

  const [topic] = Object.keys(withOne.findResources('AWS::SNS::Topic'))
  expect(without.findResources('AWS::SNS::Subscription')).toEqual({})
  expect(Object.values(subscriptions)).toMatchObject([
    {
      Properties: {
        Protocol: 'email',
        Endpoint: WITH_EVERYTHING.alarmEmail,
        TopicArn: { Ref: topic },
      },
    },
  ])
})

test('our functions write their metrics under the names that the alarms look for', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const asked = Object.values(service.findResources(ALARM))
    .map((alarm) => alarm['Properties'])
    .filter(({ Namespace }) => Namespace === 'Strongbox/prod')
    .map(({ Dimensions }) => Dimensions)

  const told = functionsIn(service).map(({ Environment }) => Environment.Variables)
  const named = new Set(told.map((variables) => variables['POWERTOOLS_SERVICE_NAME']))
  const namespaces = told.map((variables) => variables['POWERTOOLS_METRICS_NAMESPACE'])
  expect(new Set(namespaces)).toEqual(new Set(['Strongbox/prod']))
  expect(asked).not.toEqual([])
  for (const dimensions of asked) {
    expect(dimensions).toEqual([{ Name: 'service', Value: expect.any(String) }])
    expect(named).toContain(dimensions[0].Value)
  }
})

test('alarms may write to the topic that tells of them, and nobody may without TLS', () => {
  const { service } = synthesise('prod')

  const [policy] = Object.values(service.findResources('AWS::SNS::TopicPolicy'))

  const [topic] = Object.keys(service.findResources('AWS::SNS::Topic'))
  expect(policy?.['Properties'].Topics).toEqual([{ Ref: topic }])
  expect(policy?.['Properties'].PolicyDocument.Statement).toMatchObject([
    { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: { Ref: topic },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ])
})

test('the sweep writes its metric under the name that its alarm looks for', () => {
  const { service } = synthesise('prod')

  const alarm = alarmsIn(service).find(({ id }) => id === 'HoldsStay')

  expect(alarm).toMatchObject({
    MetricName: SWEEP_METRICS.fellShort,
    Dimensions: [{ Name: 'service', Value: 'strongbox-sweep' }],
  })
})

test('the sweep is asked after by the function that is scheduled', () => {
  const { service } = synthesise('prod')

  const sweep = alarmsIn(service).find(({ id }) => id === 'SweepHasNotRun')

  expect(sweep).toMatchObject({
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: functionNamed(service, 'sweep').id } }],
  })
})

interface AlarmProperties {
  readonly AlarmName: string
  readonly AlarmDescription: string
  readonly AlarmActions: unknown
  readonly OKActions: unknown
  readonly Metrics?: readonly { readonly MetricStat?: unknown; readonly Expression?: string }[]
}

/** By name, with what they look at in one line. */
function alarmsIn(template: Template) {
  return Object.values(template.findResources(ALARM)).map((alarm) => {
    const properties: AlarmProperties & Record<string, unknown> = alarm['Properties']
    return {
      ...properties,
      id: properties.AlarmName.replace(/^strongbox-\w+-/, ''),
      rule: ruleOf(properties),
    }
  })
}

function ruleOf(properties: AlarmProperties & Record<string, unknown>): string {
  const { Metrics, MetricName, Statistic, Period, Threshold, ComparisonOperator } = properties
  const expression = Metrics?.find(({ Expression }) => Expression)?.Expression
  const what = expression ?? `${Statistic} of ${MetricName} in ${Period} s`
  const than = ComparisonOperator === 'GreaterThanThreshold' ? '>' : '<'
  const silence = properties['TreatMissingData'] === 'breaching' ? ', or silence' : ''
  const { DatapointsToAlarm, EvaluationPeriods } = properties
  return `${what} ${than} ${Threshold}, ${DatapointsToAlarm} of ${EvaluationPeriods}${silence}`
}
