import { StoreUnavailable } from '../store/failures.ts'
import { catchUp, type Projector } from './projector.ts'
import type { DeadLetter } from './table/items.ts'

export type Replayed =
  | { readonly kind: 'replayed'; readonly entries: number }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Catches up the balance that a dead letter is about, which is all that its record could have done, and takes the
 * letter away. One that is about no balance has nothing to be caught up with, and can only be looked at.
 */
export async function replay(projector: Projector, letter: DeadLetter): Promise<Replayed> {
  const { id, walletId, asset } = letter
  if (walletId === undefined || asset === undefined) {
    return { kind: 'failed', reason: 'its record is about no balance' }
  }
  const { current, building } = await projector.table.readGenerations()
  try {
    const entries = await catchUp(projector, current, { walletId, asset })
    if (building !== undefined) {
      await catchUp({ ...projector, tell: async () => {} }, building, { walletId, asset })
    }
    await projector.table.removeDeadLetter(id)
    return { kind: 'replayed', entries }
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}
