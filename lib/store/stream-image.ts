import type { AttributeValue as AttributeOfSdk } from '@aws-sdk/client-dynamodb'
import type { AttributeValue } from 'aws-lambda'
import type { Balance, Entry } from '../money/balance.ts'
import { fromAttributes } from './attributes.ts'
import { toBalance, toLastEntry } from './items.ts'

/** A balance as the stream shows it: what it is, and the entry that made it so. */
export interface BalanceImage {
  readonly balance: Balance
  readonly last: Entry
}

export function toBalanceImage(image: Record<string, AttributeValue>): BalanceImage {
  const item = fromAttributes(withBytes(image))
  return { balance: toBalance(item), last: toLastEntry(item) }
}

/** In an event, bytes are base64; everything else is as the SDK has it. */
function withBytes(image: Record<string, AttributeValue>): Record<string, AttributeOfSdk> {
  return JSON.parse(JSON.stringify(image), (name, value) =>
    name === 'B' && typeof value === 'string'
      ? new Uint8Array(Buffer.from(value, 'base64'))
      : value,
  )
}
