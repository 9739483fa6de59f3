/** What one run calls its own: nobody else's wallet is touched, and nobody else has its assets. */
export interface World {
  readonly run: string
  readonly coins: string
  readonly gems: string
  readonly wallets: readonly string[]
}

const DIGITS = 4
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const RUN_LENGTH = 7

export function makeWorld(run: string, wallets: number): World {
  const upper = run.toUpperCase()
  return {
    run,
    coins: `MONKEY_${upper}_COINS`,
    gems: `MONKEY_${upper}_GEMS`,
    wallets: Array.from({ length: wallets }, (_, index) => {
      return `monkey-${run}-${String(index + 1).padStart(DIGITS, '0')}`
    }),
  }
}

/** Short enough to read aloud; two of the same are as likely as one in 78 thousand million. */
export function makeRun(random: () => number): string {
  return Array.from({ length: RUN_LENGTH }, () =>
    LETTERS.charAt(Math.floor(random() * LETTERS.length)),
  ).join('')
}
