import type * as z from 'zod/mini'
import type {
  assetAnswer,
  balanceAnswer,
  holdAnswer,
  transactionAnswer,
} from '../answer-schemas.ts'

/** What the document shows: alice, who has gold coins and buys a sword, and bob, who is her friend. */

const GOLD = 'GOLD_COINS'
export const NOON = '2026-11-21T12:00:00.000Z'

export const HOLD_ID = 'hold_1vjfsocig91nopktoe7k19srmc'
export const TRANSACTION_ID = 'txn_1vjfsocig91nopktoe7k19srmc'
export const NEXT_CURSOR =
  'kZ0mJf2d7Xn9vR4aYt1sWnsiYXQiOjE3OTUyNDA4MDAwMDAsImFzc2V0IjoiR09MRF9DT0lOUyIsInNlcSI6N30'

type Transaction = z.input<typeof transactionAnswer>

export const gold = (amount: number) => ({ asset: GOLD, amount })

export const posting = (from: string, to: string, amount: number, asset = GOLD) => {
  return { from, to, asset, amount }
}

export const balanceAfter = (walletId: string, available: number, held = 0, asset = GOLD) => {
  return { walletId, asset, available, held, version: 7 }
}

export function transaction(
  type: Transaction['type'],
  facts: Partial<Transaction> & Pick<Transaction, 'postings' | 'balances'>,
): Transaction {
  return { id: TRANSACTION_ID, type, reference: null, metadata: {}, createdAt: NOON, ...facts }
}

export const balance: z.input<typeof balanceAnswer> = { ...balanceAfter('alice', 970), at: NOON }

export const wallet = (status: 'ACTIVE' | 'FROZEN' | 'CLOSED', available = 970) => ({
  id: 'alice',
  status,
  metadata: { guild: 'harbour' },
  balances: [{ ...balance, available }],
  createdAt: '2026-11-01T08:30:00.000Z',
})

export const hold: z.input<typeof holdAnswer> = {
  id: HOLD_ID,
  walletId: 'alice',
  asset: GOLD,
  amount: 100,
  remaining: 60,
  state: 'OPEN',
  expiresAt: '2026-11-21T13:00:00.000Z',
  transactionId: TRANSACTION_ID,
  createdAt: NOON,
}

export const entry = {
  transactionId: TRANSACTION_ID,
  type: 'SPEND' as const,
  asset: GOLD,
  availableDelta: -30,
  heldDelta: 0,
  available: 970,
  held: 0,
  version: 2,
  postings: [{ counterparty: '@treasury', amount: -30 }],
  reference: 'sword-of-dawn',
  at: NOON,
  prevHash: '8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92',
  hash: '0a041b9462caa4a31bac3567e0b6e6fd9100787db2ab433d96f6d178cabfce90',
}

export const asset: z.input<typeof assetAnswer> = {
  code: GOLD,
  name: 'Gold coins',
  scale: 0,
  active: true,
}

export const line = {
  transactionId: TRANSACTION_ID,
  type: 'SPEND' as const,
  account: '@treasury',
  asset: GOLD,
  walletId: 'alice',
  amount: 30,
  reference: 'sword-of-dawn',
  at: NOON,
}

export const flag = {
  id: 'flag_5b2c9d0e7f1a4b3c8d6e9f0a1b',
  rule: 'LARGE_WITHDRAWAL',
  walletId: 'alice',
  asset: GOLD,
  transactionIds: [TRANSACTION_ID],
  reason: null,
  at: NOON,
  acknowledged: null,
}

export const deadLetter = {
  id: '5b2c9d0e7f1a4b3c8d6e9f0a1b',
  walletId: 'alice',
  asset: GOLD,
  reason: 'the table holds a whole number here',
  attempts: 3,
  firstFailedAt: NOON,
  record: { eventName: 'MODIFY', dynamodb: { SequenceNumber: '111' } },
}
