import { toAmount } from '../../money/amount.ts'
import { invariant } from '../../money/invariant.ts'
import { balancesIn } from '../../money/posting.ts'
import type { TransactionType } from '../../money/transaction.ts'
import type { ReverseCommand } from '../command.ts'
import { declined, type Operation } from './operation.ts'

/** Holds are ended by a void; a reversal that was wrong is put right by doing the thing again. */
const IRREVERSIBLE = new Set<TransactionType>(['HOLD', 'VOID', 'EXPIRE', 'REVERSE'])

/** Sends money back the way it came, until nothing is left to send. */
export const reverseOperation: Operation<ReverseCommand> = {
  subject: ({ transactionId }) => ({ kind: 'transaction', transactionId }),

  touched: (_, { transaction }) => (transaction ? balancesIn(transaction.postings) : []),

  resolve({ transactionId, amount, allowDebt }, { transaction: original }, { id }) {
    // Under its own key, the original is what this key made already; nothing can take back itself.
    if (!original || id === transactionId) {
      return declined({ code: 'TRANSACTION_NOT_FOUND', transactionId })
    }
    const { type, postings } = original
    if (IRREVERSIBLE.has(type)) return declined({ code: 'NOT_REVERSIBLE', type })
    const [first] = postings
    invariant(first !== undefined, 'a transaction that can be reversed has a posting')
    if (amount !== undefined && postings.length > 1) {
      return declined({ code: 'NOT_DIVISIBLE', postings: postings.length })
    }
    const reversible = first.amount - original.reversed
    if (reversible === 0 || (amount !== undefined && amount > reversible)) {
      return declined({ code: 'ALREADY_REVERSED', transactionId, reversible })
    }
    const taken = amount ?? toAmount(reversible)
    return {
      kind: 'resolved',
      postings: postings.map(({ from, to, asset, amount: whole }) => ({
        from: to,
        to: from,
        asset,
        amount: postings.length > 1 ? whole : taken,
      })),
      reversal: { original, reversed: original.reversed + taken },
      allowOverdraft: allowDebt,
      allowFrozen: true,
    }
  },
}
