import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import * as z from 'zod'
import { readSettings } from '../../infra/settings.ts'
import { buildStrongbox } from '../../infra/strongbox.ts'
import { logEventBytes } from './lambda-calls.ts'
import { type Deployed, type Edge, pathOf } from './record.ts'

/** Bundling takes seconds, and says nothing about prices. */
const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] }
/** Prod, with tokens, with somebody who hears of alarms, and with the canary. */
const SETTINGS = {
  stage: 'prod',
  issuer: 'https://login.example.com/',
  audience: 'the-game',
  alarmEmail: 'on-call@example.com',
  canary: 'true',
}
const MINUTES_OF_MONTH = 730 * 60

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
})
type Resource = z.output<typeof resource>
type Resources = ReadonlyMap<string, Resource>

const accessLog = z.object({ Format: z.string() })
const reference = z.object({ Ref: z.string() })
const lambda = z.object({
  MemorySize: z.number(),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
})
const alias = z.object({ FunctionName: reference })
const alarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })) })
const schedule = z.object({
  ScheduleExpression: z.string(),
  Targets: z.tuple([z.object({ Arn: reference })]),
})

/** What of a deployment decides about its price, from its templates. */
export function readDeployed(): Deployed {
  const [http, rest] = [synthesise('http'), synthesise('rest')]
  return {
    memoryMb: memoryOf(http),
    accessLogBytes: {
      http: accessLogBytes(http, 'AWS::ApiGatewayV2::Stage', 'AccessLogSettings'),
      rest: accessLogBytes(rest, 'AWS::ApiGateway::Stage', 'AccessLogSetting'),
    },
    alarmedMetrics: all(http, 'AWS::CloudWatch::Alarm').reduce(
      (sum, { Properties }) => sum + metricsOf(Properties),
      0,
    ),
    dashboards: all(http, 'AWS::CloudWatch::Dashboard').length,
    secrets: all(http, 'AWS::SecretsManager::Secret').length,
    runsMonthly: runsMonthly(http),
  }
}

function synthesise(edge: Edge): Resources {
  const outdir = mkdtempSync(join(tmpdir(), 'strongbox-costs-'))
  try {
    const { context } = JSON.parse(readFileSync(pathOf('cdk.json'), 'utf8'))
    const app = new App({ outdir, context: { ...context, ...WITHOUT_BUNDLES, ...SETTINGS, edge } })
    const read = readSettings(app.node.getAllContext())
    if (read.kind === 'refused') throw new Error(read.sentences.join('\n'))
    buildStrongbox(app, read.settings)
    const templates = app.synth().stacks.map(({ template }) => template.Resources)
    return new Map(
      templates
        .flatMap((resources) => Object.entries(resources))
        .map(([id, found]) => [id, resource.parse(found)]),
    )
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

function all(resources: Resources, type: string): Resource[] {
  return Array.from(resources.values()).filter(({ Type }) => Type === type)
}

function memoryOf(resources: Resources): number {
  const sizes = new Set(
    all(resources, 'AWS::Lambda::Function').flatMap(({ Properties }) => {
      const { success, data } = lambda.safeParse(Properties)
      return success ? [data.MemorySize] : []
    }),
  )
  const [size] = sizes
  // With two of them, each operation would have a price of its own.
  if (size === undefined || sizes.size > 1) throw new Error('functions differ in memory')
  return size
}

/** As long as what API Gateway puts there. */
const CONTEXT: Readonly<Record<string, string>> = {
  requestId: 'f2vJ5j3HoAMEVtQ=',
  requestTime: '21/Nov/2026:06:00:00 +0000',
  'identity.sourceIp': '203.0.113.77',
  status: '201',
  responseLatency: '24',
  routeKey: 'POST /v1/wallets/{walletId}/spend',
  httpMethod: 'POST',
  resourcePath: '/v1/wallets/{walletId}/spend',
}
const ABSENT = '-'

function accessLogBytes(resources: Resources, type: string, name: string): number {
  const [stage] = all(resources, type)
  const { Format } = accessLog.parse(stage?.Properties[name])
  return logEventBytes(
    Format.replaceAll(/\$context\.([A-Za-z.]+)/g, (_, key) => CONTEXT[key] ?? ABSENT),
  )
}

function metricsOf(properties: Resource['Properties']): number {
  const { success, data } = alarm.safeParse(properties)
  return success ? data.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1
}

function runsMonthly(resources: Resources): Record<string, number> {
  return Object.fromEntries(
    all(resources, 'AWS::Events::Rule').flatMap(({ Properties }) => {
      const { success, data } = schedule.safeParse(Properties)
      if (!success) return []
      const minutes = Number(/^rate\((\d+) minutes?\)$/.exec(data.ScheduleExpression)?.[1])
      return [[functionOf(resources, data.Targets[0].Arn.Ref), MINUTES_OF_MONTH / minutes]]
    }),
  )
}

/** By what its alias refers to. */
function functionOf(resources: Resources, aliasId: string): string {
  const { FunctionName } = alias.parse(resources.get(aliasId)?.Properties)
  const { Environment } = lambda.parse(resources.get(FunctionName.Ref)?.Properties)
  return Environment.Variables.POWERTOOLS_SERVICE_NAME.replace('strongbox-', '')
}
