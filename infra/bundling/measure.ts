import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as z from 'zod'

/** The code of a function, as it is uploaded. */
export interface Bundle {
  readonly name: string
  /** What is uploaded, the source map included. */
  readonly folder: string
  readonly minifiedBytes: number
  readonly gzippedBytes: number
  /** What it is made of, the biggest first; undefined where nobody asked esbuild for that. */
  readonly inputs: readonly Input[] | undefined
}

export interface Input {
  readonly path: string
  readonly bytes: number
}

const CODE = 'index.mjs'
const METAFILE = 'index.meta.json'

const lambda = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({
    Code: z.object({ S3Key: z.string() }),
    Environment: z.object({ Variables: z.looseObject({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
  }),
})
const template = z.object({ Resources: z.record(z.string(), z.unknown()) })
const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
    }),
  ),
})

/** All that was bundled into a folder of the CDK's. */
export function bundlesIn(outdir: string): Bundle[] {
  return readdirSync(outdir)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => Object.values(template.parse(readJson(join(outdir, name))).Resources))
    .flatMap((resource) => lambda.safeParse(resource).data ?? [])
    .map(({ Properties: { Code, Environment } }) => {
      const service = Environment.Variables.POWERTOOLS_SERVICE_NAME
      const folder = join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`)
      return { name: service.replace('strongbox-', ''), folder, ...sizesOf(folder) }
    })
}

function sizesOf(folder: string): Pick<Bundle, 'minifiedBytes' | 'gzippedBytes' | 'inputs'> {
  const code = readFileSync(join(folder, CODE))
  return {
    minifiedBytes: code.byteLength,
    gzippedBytes: gzipSync(code).byteLength,
    inputs: inputsOf(join(folder, METAFILE)),
  }
}

function inputsOf(file: string): Input[] | undefined {
  if (!existsSync(file)) return undefined
  const outputs = Object.entries(metafile.parse(readJson(file)).outputs)
  const [, code] = outputs.find(([name]) => name.endsWith(CODE)) ?? []
  return Object.entries(code?.inputs ?? {})
    .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
    .sort((a, b) => b.bytes - a.bytes)
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
