import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, type AppProps } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import cdk from '../../cdk.json' with { type: 'json' }
import type { Stage } from '../../infra/stage.ts'
import { buildStrongbox } from '../../infra/strongbox.ts'

/** Bundling takes seconds, and hardly any test looks at the code. */
const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] }

/** The app with the settings that the CLI would give it; they decide what is in a template. */
export function buildApp(stage: Stage, outdir: string, context: AppProps['context'] = {}) {
  const app = new App({ outdir, context: { ...cdk.context, ...context } })
  return { app, ...buildStrongbox(app, stage) }
}

/** The templates of both stacks, and the stacks for what is no part of a template. */
export function synthesise(stage: Stage) {
  const outdir = openOutdir()
  try {
    const { data, service } = buildApp(stage, outdir, WITHOUT_BUNDLES)
    return {
      data: Template.fromStack(data),
      service: Template.fromStack(service),
      stacks: { data, service },
    }
  } finally {
    removeOutdir(outdir)
  }
}

/** Left to itself, the CDK makes a temporary folder for each app and leaves it behind. */
export function openOutdir(): string {
  return mkdtempSync(join(tmpdir(), 'strongbox-synth-'))
}

export function removeOutdir(outdir: string): void {
  rmSync(outdir, { recursive: true, force: true })
}
