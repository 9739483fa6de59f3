import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import cdk from '../../cdk.json' with { type: 'json' }
import { readSettings } from '../settings.ts'
import { buildStrongbox } from '../strongbox.ts'
import type { Templates } from './rights.ts'

/** All that can be switched on, so that nobody has a right that is not looked at. */
const EVERYTHING = {
  stage: 'prod',
  edge: 'rest',
  issuer: 'https://login.example.com/studio',
  audience: 'the-game',
  tracing: 'true',
  autoFreeze: 'true',
  webhooks: 'true',
  canary: 'true',
}

/** What the code of the functions is makes no difference, and bundling it takes its time. */
const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] }

/** Both templates, as `cdk synth` would write them. */
export function deployedWithEverything(): Templates {
  const outdir = mkdtempSync(join(tmpdir(), 'strongbox-privileges-'))
  try {
    const app = new App({ outdir, context: { ...cdk.context, ...WITHOUT_BUNDLES, ...EVERYTHING } })
    const read = readSettings(app.node.getAllContext())
    if (read.kind === 'refused') throw new Error(read.sentences.join('\n'))
    const { data, service } = buildStrongbox(app, read.settings)
    const assembly = app.synth()
    return {
      data: assembly.getStackByName(data.stackName).template,
      service: assembly.getStackByName(service.stackName).template,
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}
