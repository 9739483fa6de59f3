import { isExpired } from '../../money/hold.ts'
import type { ReleaseCommand } from '../command.ts'
import { declined, type Operation } from './operation.ts'

/** Gives back what remains of a hold: before its time by a void, after it by the sweeper. */
export const releaseOperation: Operation<ReleaseCommand> = {
  subject: ({ walletId, holdId }) => ({ kind: 'hold', walletId, holdId }),

  touched: ({ walletId }, { hold }) => (hold ? [{ walletId, asset: hold.asset }] : []),

  resolve({ type, walletId, holdId }, { hold }, { nowMs }) {
    if (!hold) return declined({ code: 'HOLD_NOT_FOUND', holdId })
    if (type === 'VOID' && isExpired(hold, nowMs)) return declined({ code: 'HOLD_EXPIRED', holdId })
    if (hold.state !== 'OPEN') return declined({ code: 'HOLD_CLOSED', holdId, state: hold.state })
    if (type === 'EXPIRE' && !isExpired(hold, nowMs)) {
      return declined({ code: 'HOLD_NOT_OVER', holdId })
    }
    return {
      kind: 'resolved',
      postings: [],
      shift: { holdId, walletId, asset: hold.asset, delta: -hold.remaining },
      hold: {
        before: hold,
        after: { ...hold, remaining: 0, state: type === 'VOID' ? 'VOIDED' : 'EXPIRED' },
      },
    }
  },
}
