import { isWalletId } from '../../money/account.ts'
import { balancesIn } from '../../money/posting.ts'
import type { PostCommand } from '../command.ts'
import { declined, type Operation } from './operation.ts'

/** Moves what its postings say. */
export const postOperation: Operation<PostCommand> = {
  subject: () => ({ kind: 'nothing' }),

  touched: ({ postings }) => balancesIn(postings),

  resolve({ postings, reference, metadata }) {
    const circle = postings.find(({ from, to }) => from === to)?.from
    if (circle && isWalletId(circle)) return declined({ code: 'SAME_WALLET', walletId: circle })
    return { kind: 'resolved', postings, reference, metadata }
  },
}
