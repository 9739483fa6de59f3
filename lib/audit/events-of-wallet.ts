import type { DynamoDBRecord } from 'aws-lambda'
import type { WalletId } from '../money/account.ts'
import { type DomainEvent, envelope } from './events.ts'
import { changedAt, recordId } from './stream-record.ts'

/** What a record of the ledger's stream says of a wallet itself; undefined where that is nothing to tell. */
export function walletFrozen(source: string, record: DynamoDBRecord): DomainEvent | undefined {
  const { Keys, OldImage, NewImage } = record.dynamodb ?? {}
  const walletId = /^W#([^#]+)$/.exec(Keys?.['pk']?.S ?? '')?.[1] as WalletId | undefined
  const [before, after] = [OldImage?.['status']?.S, NewImage?.['status']?.S]
  const isWallet = walletId !== undefined && Keys?.['sk']?.S === 'P'
  if (!isWallet || before === 'FROZEN' || after !== 'FROZEN') return undefined
  const at = Math.round(changedAt(record))
  return {
    ...envelope(source, 'wallet.frozen', `frozen_${recordId(record)}`, { walletId, at }),
    partitionkey: walletId,
    // Not the reason: what a person wrote about a player stays here.
    data: { walletId, status: 'FROZEN' },
  }
}
