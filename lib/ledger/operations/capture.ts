import { TREASURY } from '../../money/account.ts'
import { toAmount } from '../../money/amount.ts'
import { isExpired } from '../../money/hold.ts'
import type { CaptureCommand } from '../command.ts'
import { declined, type Operation } from './operation.ts'

/** Takes money that was set aside: some of it, or all that remains. */
export const captureOperation: Operation<CaptureCommand> = {
  subject: ({ walletId, holdId }) => ({ kind: 'hold', walletId, holdId }),

  touched({ walletId, to }, { hold }) {
    if (!hold) return []
    const payers = to === undefined || to === walletId ? [walletId] : [walletId, to]
    return payers.map((id) => ({ walletId: id, asset: hold.asset }))
  },

  resolve({ walletId, holdId, amount, to }, { hold }, { nowMs }) {
    if (!hold) return declined({ code: 'HOLD_NOT_FOUND', holdId })
    if (isExpired(hold, nowMs)) return declined({ code: 'HOLD_EXPIRED', holdId })
    if (hold.state !== 'OPEN') return declined({ code: 'HOLD_CLOSED', holdId, state: hold.state })
    if (to === walletId) return declined({ code: 'SAME_WALLET', walletId })
    const { asset, remaining } = hold
    const taken = amount ?? toAmount(remaining)
    if (taken > remaining) {
      return declined({
        code: 'INSUFFICIENT_FUNDS',
        walletId,
        asset,
        available: remaining,
        required: taken,
        holdId,
      })
    }
    const left = remaining - taken
    return {
      kind: 'resolved',
      postings: [{ from: walletId, to: to ?? TREASURY, asset, amount: taken }],
      shift: { holdId, walletId, asset, delta: -taken },
      hold: {
        before: hold,
        after: { ...hold, remaining: left, state: left === 0 ? 'CAPTURED' : 'OPEN' },
      },
      allowFrozen: true,
    }
  },
}
