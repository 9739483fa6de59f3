import { fromEnv } from '@aws-sdk/credential-provider-env'

/**
 * What a bundle has in place of `@aws-sdk/credential-provider-node`: docs/adr/0017-a-bundle-holds-what-it-uses.md.
 * Lambda gives a function its credentials in the environment, and that is where the other looks first, too.
 */
export const defaultProvider = fromEnv
