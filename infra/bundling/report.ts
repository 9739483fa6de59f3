import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import cdk from '../../cdk.json' with { type: 'json' }
import { readSettings } from '../settings.ts'
import { buildStrongbox } from '../strongbox.ts'
import { type Bundle, bundlesIn, type Input } from './measure.ts'
import { METAFILES } from './options.ts'

/** Bundles every function as a deployment would, and says how big each is and what most of it is. */

/** Settings without which some functions are not there. */
const EVERY_FUNCTION = { autoFreeze: true, webhooks: true, canary: true }
const SHOWN_INPUTS = 5

const outdir = mkdtempSync(join(tmpdir(), 'strongbox-bundles-'))
try {
  const app = new App({
    outdir,
    context: { ...cdk.context, ...EVERY_FUNCTION, [METAFILES]: true },
  })
  const read = readSettings(app.node.getAllContext())
  if (read.kind === 'refused') throw new Error(read.sentences.join('\n'))
  buildStrongbox(app, read.settings)
  app.synth()
  const bundles = bundlesIn(outdir)
  const missing = handlers().filter((handler) => !bundles.some(({ name }) => name === handler))
  if (missing.length > 0) throw new Error(`nothing deploys ${missing.join(', ')}`)
  print(bundles)
} finally {
  rmSync(outdir, { recursive: true, force: true })
}

function handlers(): string[] {
  const folder = join(import.meta.dirname, '../../functions')
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'handler.ts')))
}

function print(bundles: readonly Bundle[]): void {
  console.log(row('function', 'minified', 'gzipped', 'of which, the most'))
  for (const { name, minifiedBytes, gzippedBytes, inputs = [] } of bundles) {
    const [first = '', ...others] = inputs.slice(0, SHOWN_INPUTS).map(inputText)
    console.log(row(name, kb(minifiedBytes), kb(gzippedBytes), first))
    for (const input of others) console.log(row('', '', '', input))
  }
}

function row(name: string, minified: string, gzipped: string, input: string): string {
  return `${name.padEnd(10)} ${minified.padStart(10)} ${gzipped.padStart(10)}   ${input}`.trimEnd()
}

function inputText({ path, bytes }: Input): string {
  return `${kb(bytes).padStart(8)}  ${path.replace('node_modules/', '')}`
}

function kb(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`
}
