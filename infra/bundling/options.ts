import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { IConstruct } from 'constructs'

/** Context for who measures: esbuild then says, beside each bundle, what it is made of. */
export const METAFILES = 'strongbox:metafiles'

/** How every function is bundled: docs/adr/0017-a-bundle-holds-what-it-uses.md. */
export function bundlingOptions({ node }: IConstruct): BundlingOptions {
  return { ...OPTIONS, ...LEFT_OUT, metafile: node.tryGetContext(METAFILES) === true }
}

const OPTIONS: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  // A stack trace needs the positions only, and the sources would be most of what a cold start downloads.
  sourcesContent: false,
  // Positions are looked up when somebody first looks at a stack: docs/adr/0024-a-map-is-read-with-the-first-stack.md
  inject: ['./infra/bundling/readable-stacks.ts'],
  // The SDK that was tested is the SDK that runs, and what we leave out of it is not loaded.
  bundleAwsSDK: true,
  logLevel: LogLevel.WARNING,
}

/** What the SDK brings along for places that are not Lambda, and for calls that are not ours. */
const LEFT_OUT: BundlingOptions = {
  esbuildArgs: {
    // Profiles, single sign-on, instance metadata, roles of containers: a fifth of each bundle and more.
    '--alias': '@aws-sdk/credential-provider-node=./infra/bundling/lambda-credentials.ts',
  },
  // Imported by the first call that streams events, and there is none.
  externalModules: ['@smithy/core/event-streams'],
}
