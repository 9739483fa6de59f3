import { fromEnv } from '@aws-sdk/credential-provider-env'

/**
 * What a bundle has in place of `@aws-sdk/credential-provider-node`: docs/adr/0017-a-bundle-holds-what-it-uses.md.
 * Lambda gives a function its credentials in the environment, and that is where the other looks first, too. They are
 * those of the instance as long as it lives, so one look is enough, and what is not there then will not be there later.
 */
export function defaultProvider(...options: Parameters<typeof fromEnv>) {
  const read = fromEnv(...options)
  let credentials: ReturnType<typeof read> | undefined
  return () => {
    credentials ??= read()
    return credentials
  }
}
