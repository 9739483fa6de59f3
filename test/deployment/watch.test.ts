import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { WATCH_METRICS } from '../../lib/audit/watch-metrics.ts'
import { CANARY_METRICS } from '../../lib/smoke/canary-metrics.ts'
import { readKeptKey } from '../../lib/smoke/kept-key.ts'
import { HOLD_SECONDS, LONGEST_TIDYING_MS, LONGEST_WALK_MS } from '../../lib/smoke/limits.ts'
import { synthesise, WITH_ISSUER, WITH_NAMES } from './synthesise.ts'
import { aliasOf, functionNamed, functionsIn } from './template.ts'

const SECRET = 'AWS::SecretsManager::Secret'
const PERIOD_SECONDS = 5 * 60
/** A sweep each minute, which takes a minute at most. */
const SWEPT_WITHIN_SECONDS = 2 * 60
/** Two attempts of 1.5 s each, with a second to connect. */
const KEY_IS_READ_WITHIN_SECONDS = 5
const WITH_CANARY = { canary: 'true' }

test.each(['watch', 'canary'])(
  'the %s is called every five minutes, and is over by then',
  (name) => {
    const { service } = synthesise('prod', WITH_CANARY)
    const lambda = functionNamed(service, name)

    const alias = { Ref: aliasOf(service, lambda) }
    const rules = propertiesIn(service, 'AWS::Events::Rule').filter(
      ({ Targets }) => JSON.stringify(Targets[0].Arn) === JSON.stringify(alias),
    )
    const asynchronous = propertiesIn(service, 'AWS::Lambda::EventInvokeConfig').filter(
      ({ FunctionName }) => FunctionName.Ref === lambda.id,
    )

    expect(rules).toMatchObject([
      {
        State: 'ENABLED',
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
      },
    ])
    expect(asynchronous).toMatchObject([{ MaximumRetryAttempts: 0 }])
    expect(lambda.Timeout).toBeLessThan(PERIOD_SECONDS)
  },
)

test('the watch and the canary write their metrics under the names that alarms look for', () => {
  const { service } = synthesise('prod', WITH_CANARY)

  const alarmed = propertiesIn(service, 'AWS::CloudWatch::Alarm')
    .filter(({ Dimensions = [] }) =>
      Dimensions.some(({ Value }: { Value: unknown }) =>
        ['strongbox-watch', 'strongbox-canary'].includes(String(Value)),
      ),
    )
    .map(({ MetricName }) => MetricName)

  const { unbalancedAssets, openDeadLetters, runs, newestChangeAge } = WATCH_METRICS
  expect(new Set(alarmed)).toEqual(
    new Set([unbalancedAssets, openDeadLetters, runs, newestChangeAge, CANARY_METRICS.failures]),
  )
  const drawn = JSON.stringify(propertiesIn(service, 'AWS::CloudWatch::Dashboard'))
  for (const name of [WATCH_METRICS.inWallets, WATCH_METRICS.lag, WATCH_METRICS.openFlags]) {
    expect(drawn).toContain(name)
  }
})

describe('the canary', () => {
  test('is not there unless it is asked for', () => {
    const { service } = synthesise('prod')

    const names = functionsIn(service).map(({ name }) => name)

    expect(names).toContain('watch')
    expect(names).not.toContain('canary')
    expect(service.findOutputs('CanaryKeySecretArn')).toEqual({})
  })

  test.each([
    { edge: 'http', given: {}, output: 'SignedApiUrl' },
    { edge: 'http with both doors', given: WITH_ISSUER, output: 'SignedApiUrl' },
    { edge: 'http with names', given: { ...WITH_ISSUER, ...WITH_NAMES }, output: 'SignedApiUrl' },
    {
      edge: 'http by names only',
      given: { ...WITH_ISSUER, ...WITH_NAMES, onlyByName: 'true' },
      output: 'SignedApiUrl',
    },
    { edge: 'rest', given: { edge: 'rest' }, output: 'ApiUrl' },
  ])('comes through the door that takes signatures: $edge', ({ given, output }) => {
    const { service } = synthesise('prod', { ...WITH_CANARY, ...given })

    const { Environment } = functionNamed(service, 'canary')

    const [url] = Object.values(service.findOutputs(output))
    expect(url).toBeDefined()
    expect(Environment.Variables['CANARY_URL']).toEqual(url?.['Value'])
  })

  test('has time for its key, for the longest walk, and to tidy up after it', () => {
    const { service } = synthesise('prod', WITH_CANARY)

    const { Timeout } = functionNamed(service, 'canary')

    const walkSeconds = (LONGEST_WALK_MS + LONGEST_TIDYING_MS) / 1000
    expect(Timeout).toBeGreaterThanOrEqual(walkSeconds + KEY_IS_READ_WITHIN_SECONDS)
  })

  test('holds money for longer than a walk, and has it back before the next one', () => {
    const walkSeconds = LONGEST_WALK_MS / 1000

    expect(HOLD_SECONDS).toBeGreaterThanOrEqual((LONGEST_WALK_MS + LONGEST_TIDYING_MS) / 1000)
    expect(walkSeconds + HOLD_SECONDS).toBeLessThan(PERIOD_SECONDS - SWEPT_WITHIN_SECONDS / 2)
  })

  /** With another id or another text, the next deployment would take its key away. */
  test('has no key yet, in the words of who reads it', () => {
    const { service } = synthesise('prod', WITH_CANARY)

    const id = keySecretIn(service)
    const { DeletionPolicy, Properties } = service.findResources(SECRET)[id] ?? {}

    expect(id).toBe('CanaryKey53D2D0D1')
    expect(DeletionPolicy).toBe('Retain')
    expect(Properties.SecretString).toBe('{}')
    expect(readKeptKey(Properties.SecretString)).toBeUndefined()
  })

  test('where its key goes is an output', () => {
    const { service } = synthesise('dev', WITH_CANARY)

    const outputs = service.findOutputs('CanaryKeySecretArn')

    expect(outputs).toEqual({ CanaryKeySecretArn: { Value: { Ref: keySecretIn(service) } } })
  })
})

function keySecretIn(template: Template): string {
  const ids = Object.keys(template.findResources(SECRET))
  const id = ids.find((each) => each.startsWith('CanaryKey'))
  if (!id) throw new Error('the canary has no secret')
  return id
}

function propertiesIn(template: Template, type: string) {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'])
}
