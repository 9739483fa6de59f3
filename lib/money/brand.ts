/** A primitive that only its own constructor can make, so that a wallet id is never passed as an asset. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name }
