/** What the wallet of a walk has of its asset, as the walk itself counts it. */
export type Balance = {
  readonly available: number
  readonly held: number
  readonly version: number
}

/** What a movement does to it. */
export interface Change {
  readonly available: number
  readonly held: number
}

export const NOTHING: Balance = { available: 0, held: 0, version: 0 }

export function after({ available, held, version }: Balance, change: Change): Balance {
  return {
    available: available + change.available,
    held: held + change.held,
    version: version + 1,
  }
}
