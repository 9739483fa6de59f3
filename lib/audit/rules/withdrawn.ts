import { EXTERNAL } from '../../money/account.ts'
import type { Entry } from '../../money/balance.ts'

/** How much an entry took out of the house, by whatever verb. What the house takes back itself is not that. */
export function withdrawn({ type, postings }: Entry): number {
  if (type === 'REVERSE') return 0
  return postings
    .filter(({ counterparty, amount }) => counterparty === EXTERNAL && amount < 0)
    .reduce((sum, { amount }) => sum - amount, 0)
}
