import { continueChain, findBalanceBreak, START_OF_CHAIN } from '../money/chain.ts'
import type { BalanceImage } from '../store/stream-image.ts'

/** One change of one balance item. */
export interface Change {
  readonly before: BalanceImage | undefined
  readonly after: BalanceImage | undefined
}

/** Invariant 7: what of a change its `last` entry does not explain; undefined where it explains all of it. */
export function unexplained({ before, after }: Change): string | undefined {
  if (!after) return 'the balance was deleted'
  const known = before?.balance ?? START_OF_CHAIN
  const { balance, last } = after
  // Freezing a wallet writes its status on each balance, and is no movement of money.
  if (balance.seq === known.seq) return findBalanceBreak(balance, known)?.reason
  const link = continueChain(known, last)
  if ('reason' in link) return link.reason
  return findBalanceBreak(balance, link)?.reason
}
