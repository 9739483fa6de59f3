import type { Command } from '../../lib/ledger/command.ts'
import { post } from '../../lib/ledger/post.ts'
import {
  exchangeCommand,
  transferCommand,
  type VerbName,
  verbCommand,
} from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { type HoldId, holdIdOf } from '../../lib/money/hold.ts'
import type { TransactionId } from '../../lib/money/transaction.ts'
import { GEMS, GOLD, origin, posting, type TestLedger } from './ledger.ts'

/** The same numbers for the same seed, from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function shuffled<Thing>(things: readonly Thing[], random: () => number): Thing[] {
  return things
    .map((thing) => ({ thing, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ thing }) => thing)
}

export interface HistoryOptions {
  readonly seed: number
  readonly steps: number
  readonly wallets?: number
  /** How many steps run side by side. */
  readonly parallel?: number
}

/** Moves money in every way there is, some of it in vain. */
export async function makeHistory(
  ledger: TestLedger,
  { seed, steps, wallets = 6, parallel = 8 }: HistoryOptions,
): Promise<void> {
  const random = randomFrom(seed)
  const pick = <Thing>(things: readonly Thing[]): Thing => {
    const thing = things[Math.floor(random() * things.length)]
    if (thing === undefined) throw new Error('nothing to choose from')
    return thing
  }
  const names = Array.from({ length: wallets }, (_, index) => `wallet-${index}` as WalletId)
  const holds: { walletId: WalletId; holdId: HoldId }[] = []
  const posted: TransactionId[] = []

  const commands: (() => Command)[] = [
    ...(['topup', 'topup', 'bonus', 'deposit', 'spend', 'withdraw', 'withdraw'] as VerbName[]).map(
      (verb) => () =>
        verbCommand(verb, {
          walletId: pick(names),
          asset: pick([GOLD, GOLD, GEMS]),
          amount: toAmount(1 + Math.floor(random() * 500)),
        }),
    ),
    () => {
      const [walletId, to] = shuffled(names, random)
      if (!walletId || !to) throw new Error('there are two wallets')
      return transferCommand({
        walletId,
        to,
        asset: GOLD,
        amount: toAmount(1 + Math.floor(random() * 50)),
      })
    },
    () =>
      exchangeCommand({
        walletId: pick(names),
        from: { asset: GOLD, amount: toAmount(10) },
        to: { asset: GEMS, amount: toAmount(1) },
      }),
    () => ({
      type: 'POST',
      postings: [
        posting(pick(names), '@market-fees', GOLD, 1 + Math.floor(random() * 5)),
        posting('@season-7', pick(names), GEMS, 1),
      ],
    }),
    () => ({
      type: 'HOLD',
      walletId: pick(names),
      asset: GOLD,
      amount: toAmount(5),
      expiresInSeconds: 3600,
    }),
    () =>
      holds.length === 0 || random() < 0.2
        ? {
            type: 'HOLD',
            walletId: pick(names),
            asset: GOLD,
            amount: toAmount(20),
            expiresInSeconds: 3600,
          }
        : { type: pick(['CAPTURE', 'CAPTURE', 'VOID'] as const), ...pick(holds) },
    () =>
      posted.length === 0
        ? verbCommand('topup', { walletId: pick(names), asset: GOLD, amount: toAmount(100) })
        : { type: 'REVERSE', transactionId: pick(posted), allowDebt: false },
  ]

  for (let step = 0; step < steps; step += parallel) {
    const batch = Array.from({ length: Math.min(parallel, steps - step) }, () => pick(commands)())
    const results = await Promise.all(batch.map((command) => post(ledger, command, origin())))
    for (const [index, result] of results.entries()) {
      if (result.kind !== 'posted') continue
      const { id, type } = result.transaction
      const command = batch[index]
      if (command?.type === 'HOLD') holds.push({ walletId: command.walletId, holdId: holdIdOf(id) })
      else if (['TOPUP', 'SPEND', 'TRANSFER'].includes(type)) posted.push(id)
    }
  }
}
