/**
 * What a bundle has in place of `@aws-sdk/credential-provider-node`: docs/adr/0017-a-bundle-holds-what-it-uses.md.
 * Lambda gives a function its credentials in the environment, and that is where the whole chain looks first, too.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'
