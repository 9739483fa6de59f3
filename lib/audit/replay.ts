import type { DynamoDBRecord } from 'aws-lambda'
import type { BalanceId } from '../money/posting.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { catchUp, type Projector } from './projector.ts'
import { isAboutWallet } from './stream-record.ts'
import type { DeadLetter } from './table/items.ts'

export type Replayed =
  | { readonly kind: 'replayed'; readonly entries: number }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Does again what a parked record could not do, and takes the letter away only if that is done: the balance that it
 * is about has been projected up to where the ledger has it, or of a wallet it has been told.
 */
export async function replay(projector: Projector, letter: DeadLetter): Promise<Replayed> {
  try {
    const entries = await replayRecord(projector, letter)
    await projector.table.removeDeadLetter(letter.id)
    return { kind: 'replayed', entries }
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** The same for a record that is no dead letter: one that the mapping gave up. */
export async function replayRecord(
  projector: Projector,
  { walletId, asset, record }: Pick<DeadLetter, 'walletId' | 'asset' | 'record'>,
): Promise<number> {
  if (walletId !== undefined && asset !== undefined)
    return catchUpToLedger(projector, { walletId, asset })
  const ofStream: DynamoDBRecord = Object(record)
  if (!isAboutWallet(ofStream)) throw new Error('its record is about nothing that is projected')
  await projector.tellOfWallet(ofStream)
  return 0
}

async function catchUpToLedger(projector: Projector, id: BalanceId): Promise<number> {
  const { ledger, table, tell: _, ...others } = projector
  // It throws where somebody has made the balance unreadable, and then nothing is mended.
  const balance = await ledger.readBalance(id, true)
  if (!balance) throw new Error('the ledger has no such balance')
  const { current, building } = await table.readGenerations()
  const entries = await catchUp(projector, current, id, { upTo: balance.seq })
  if (building !== undefined) {
    const silent: Projector = { ...others, ledger, table, tell: async () => {} }
    await catchUp(silent, building, id, { upTo: balance.seq })
  }
  return entries
}
