import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, type AppProps } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import cdk from '../../cdk.json' with { type: 'json' }
import { readSettings, type Stage } from '../../infra/settings.ts'
import { buildStrongbox } from '../../infra/strongbox.ts'

/** As they are given to the CLI: `-c name=value`. */
export type Given = Readonly<Record<string, string>>

/** Bundling takes seconds, and hardly any test looks at the code. */
export const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] }

/** The app with the settings that the CLI would give it; they decide what is in a template. */
export function buildApp(
  stage: Stage,
  outdir: string,
  given: Given = {},
  context: AppProps['context'] = {},
) {
  const app = new App({ outdir, context: { ...cdk.context, ...context, ...given, stage } })
  const read = readSettings(app.node.getAllContext())
  if (read.kind === 'refused') throw new Error(read.sentences.join('\n'))
  return { app, ...buildStrongbox(app, read.settings) }
}

/** The templates of both stacks, and the stacks for what is no part of a template. Nobody changes them. */
export function synthesise(stage: Stage, given: Given = {}): Synthesised {
  const key = JSON.stringify([stage, given])
  const known = synthesised.get(key)
  if (known) return known
  const fresh = synthesiseAnew(stage, given)
  synthesised.set(key, fresh)
  return fresh
}

type Synthesised = ReturnType<typeof synthesiseAnew>
const synthesised = new Map<string, Synthesised>()

function synthesiseAnew(stage: Stage, given: Given) {
  const outdir = openOutdir()
  try {
    const { data, service } = buildApp(stage, outdir, given, WITHOUT_BUNDLES)
    return {
      data: Template.fromStack(data),
      service: Template.fromStack(service),
      stacks: { data, service },
    }
  } finally {
    removeOutdir(outdir)
  }
}

/** A deployment that trusts an issuer. */
export const WITH_ISSUER = {
  issuer: 'https://login.example.com/studio',
  audience: 'the-game',
} as const satisfies Given

/** A deployment that uses all there is. */
export const WITH_EVERYTHING = {
  ...WITH_ISSUER,
  operatorAudience: 'the-back-office',
  playerClaim: 'https://studio.example.com/wallet',
  jwksUri: 'https://keys.example.com/studio.json',
  corsOrigins: 'https://play.example.com,https://office.example.com:8443',
  tracing: 'true',
  rapidWithdrawalsCount: '5',
  rapidWithdrawalsWithinMs: '30000',
  largeWithdrawalAmount: '250000',
  autoFreeze: 'true',
  webhooks: 'true',
  canary: 'true',
  alarmEmail: 'on-call@example.com',
  p99AlarmMs: '800',
  conflictsAlarmPerMinute: '300',
} as const satisfies Given

export const CERTIFICATE = 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d'

/** What only an HTTP API has: two doors, so two names. */
export const WITH_NAMES = {
  domainName: 'wallet.example.com',
  signedDomainName: 'servers.example.com',
  certificateArn: CERTIFICATE,
} as const satisfies Given

/** The other edge, with what only it has. */
export const WITH_REST = {
  edge: 'rest',
  waf: 'true',
  usagePlanRequestsPerDay: '5000000',
} as const satisfies Given

/** Left to itself, the CDK makes a temporary folder for each app and leaves it behind. */
export function openOutdir(): string {
  return mkdtempSync(join(tmpdir(), 'strongbox-synth-'))
}

export function removeOutdir(outdir: string): void {
  rmSync(outdir, { recursive: true, force: true })
}
