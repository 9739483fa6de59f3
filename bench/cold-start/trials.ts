import type { BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs'

/** Something that makes, or could have made, a function load faster or slower. */
export interface LoadTrial {
  readonly name: string
  readonly bundling?: BundlingOptions
  /** In place of the function's own file. */
  readonly entry?: string
  readonly environment?: Readonly<Record<string, string>>
  /** What came of it. */
  readonly so: string
}

export function loadTrials(cacheFolder: string): LoadTrial[] {
  return [
    {
      name: 'not minified',
      bundling: { minify: false },
      so: 'minified: it has to be downloaded, too',
    },
    {
      name: 'with the whole chain of credentials',
      bundling: { esbuildArgs: {} },
      so: 'left out',
    },
    {
      name: 'with the names of functions (`keepNames`)',
      bundling: { keepNames: true },
      so: 'without',
    },
    {
      name: 'with `fetch` (`node:http` as a module)',
      entry: 'bench/cold-start/with-fetch.ts',
      so: 'not before it is needed, which on Lambda it is not',
    },
    {
      name: 'with the schemas of answers',
      entry: 'bench/cold-start/with-answers.ts',
      so: 'for the document and for types only',
    },
    {
      name: 'with source maps read at load (`--enable-source-maps`)',
      environment: { NODE_OPTIONS: '--enable-source-maps' },
      so: 'when somebody first looks at a stack: most instances never have one',
    },
    {
      name: 'compiled before (`NODE_COMPILE_CACHE`)',
      environment: { NODE_COMPILE_CACHE: cacheFolder },
      so: 'not on Lambda: of its disks, one cannot be written, and the other is empty at each cold start',
    },
  ]
}
