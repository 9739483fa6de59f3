import { createHash } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import { invariant } from '../money/invariant.ts'
import type { BalanceId } from '../money/posting.ts'
import { WALLET_SORT_KEY } from '../store/keys.ts'
import { toBalanceImage } from '../store/stream-image.ts'
import type { Change } from './unexplained.ts'

/** Which balance a record is about: from its keys alone, so that it is known also where the rest is broken. */
export function balanceOf(record: DynamoDBRecord): BalanceId | undefined {
  const { pk, sk } = record.dynamodb?.Keys ?? {}
  const walletId = /^W#([^#]+)$/.exec(pk?.S ?? '')?.[1]
  const asset = /^B#([^#]+)$/.exec(sk?.S ?? '')?.[1]
  if (!walletId || !asset) return undefined
  return { walletId: walletId as WalletId, asset: asset as AssetCode }
}

/** The item of a wallet itself: its status. */
export function isAboutWallet({ dynamodb }: DynamoDBRecord): boolean {
  return dynamodb?.Keys?.['sk']?.S === WALLET_SORT_KEY
}

export function toChange({ dynamodb }: DynamoDBRecord): Change {
  invariant(dynamodb !== undefined, 'a record of the stream has a change')
  const { OldImage, NewImage } = dynamodb
  return {
    before: OldImage && toBalanceImage(OldImage),
    after: NewImage && toBalanceImage(NewImage),
  }
}

/** When the change was made, as far as the stream says. */
export function changedAt({ dynamodb }: DynamoDBRecord): number {
  return (dynamodb?.ApproximateCreationDateTime ?? 0) * 1000
}

const ID_HEX_DIGITS = 26

/** The same however often the record comes. */
export function recordId({ dynamodb, eventID }: DynamoDBRecord): string {
  const name = JSON.stringify([dynamodb?.Keys, dynamodb?.SequenceNumber ?? eventID])
  return createHash('sha256').update(name).digest('hex').slice(0, ID_HEX_DIGITS)
}
