import { holdIdOf } from '../../money/hold.ts'
import type { HoldCommand } from '../command.ts'
import type { Operation } from './operation.ts'

const SECOND_MS = 1_000

/** Sets money aside for a time. */
export const holdOperation: Operation<HoldCommand> = {
  subject: () => ({ kind: 'nothing' }),

  touched: ({ walletId, asset }) => [{ walletId, asset }],

  resolve({ walletId, asset, amount, expiresInSeconds }, _, { id, nowMs }) {
    const holdId = holdIdOf(id)
    const after = {
      id: holdId,
      walletId,
      asset,
      amount,
      remaining: amount,
      state: 'OPEN',
      expiresAt: nowMs + expiresInSeconds * SECOND_MS,
      createdAt: nowMs,
    } as const
    return {
      kind: 'resolved',
      postings: [],
      shift: { holdId, walletId, asset, delta: amount },
      hold: { before: undefined, after },
    }
  },
}
