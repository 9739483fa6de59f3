import type { BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs'

/** What the SDK brings along for places that are not Lambda, and for calls that are not ours. */
export const LEFT_OUT = {
  esbuildArgs: {
    // Profiles, single sign-on, instance metadata, roles of containers: a third of some bundles.
    '--alias': '@aws-sdk/credential-provider-node=./infra/bundling/lambda-credentials.ts',
  },
  // It is imported by the first call that streams events, and no call of ours does.
  externalModules: ['@smithy/core/event-streams'],
} as const satisfies BundlingOptions
