import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
import { type BundlingOptions, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { type Bundle, bundlesIn } from '../../infra/bundling/measure.ts'
import { bundlingOptions, METAFILES } from '../../infra/bundling/options.ts'
import { docsFiles } from '../../infra/docs-files.ts'

export interface Bundles {
  /** By the name of the function. */
  readonly of: (name: string) => Bundle
  readonly remove: () => void
}

const ROOT = join(import.meta.dirname, '../..')

/** The file of one of our functions. */
export function entryOf(name: string): string {
  return `functions/${name}/handler.ts`
}

/** Bundles files as our functions are bundled, or a little differently, to see what that does. */
export function bundle(
  entries: Readonly<Record<string, string>>,
  different: BundlingOptions = {},
): Bundles {
  const outdir = mkdtempSync(join(tmpdir(), 'strongbox-bench-'))
  const app = new App({ outdir, context: { [METAFILES]: true } })
  const stack = new Stack(app, 'bench')
  for (const [name, entry] of Object.entries(entries)) {
    new NodejsFunction(stack, name, {
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      entry: join(ROOT, entry),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      bundling: {
        ...bundlingOptions(stack),
        ...(name === 'docs' && { commandHooks: docsFiles }),
        ...different,
      },
      environment: { POWERTOOLS_SERVICE_NAME: name },
    })
  }
  app.synth()
  const bundles = new Map(bundlesIn(outdir).map((one) => [one.name, one]))
  return {
    of(name) {
      const found = bundles.get(name)
      if (!found) throw new Error(`${name} was not bundled`)
      return found
    },
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  }
}
