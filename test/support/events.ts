import { randomBytes } from 'node:crypto'
import { type DomainEvent, eventsOfStep } from '../../lib/audit/events.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { type Entry, GENESIS } from '../../lib/money/balance.ts'
import { hashEntry } from '../../lib/money/chain.ts'
import type { TransactionId } from '../../lib/money/transaction.ts'
import type { Endpoint } from '../../lib/webhooks/endpoints.ts'
import { GOLD } from './ledger.ts'
import { keepSecret } from './logs.ts'

export const SOURCE = 'strongbox/test'

/** An entry as the ledger makes them: 30 gold coins spent by alice, unless it is told otherwise. */
export function anEntry(parts: Partial<Entry> = {}): Entry {
  const entry = {
    walletId: 'alice' as WalletId,
    asset: GOLD,
    seq: 2,
    at: Date.UTC(2026, 10, 21, 6),
    transactionId: 'txn_1vjfsocig91nopktoe7k19srmc' as TransactionId,
    type: 'SPEND',
    availableDelta: -30,
    heldDelta: 0,
    available: 970,
    held: 0,
    postings: [{ counterparty: '@treasury', amount: -30 }],
    reference: 'sword-of-dawn',
    prevHash: GENESIS,
    ...parts,
  } as Omit<Entry, 'hash'>
  return { ...entry, hash: hashEntry(entry) }
}

/** So many events of one wallet, in order. */
export function eventsOf(wallet: string, count: number): DomainEvent[] {
  const entries = Array.from({ length: count }, (_, index) =>
    anEntry({ walletId: wallet as WalletId, seq: index + 1 }),
  )
  return eventsOfStep(SOURCE, { flags: [] }, entries)
}

/** One that no log may show. */
export function newSecret(): string {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  keepSecret(secret)
  return secret
}

export function endpointAt(url: string, parts: Partial<Endpoint> = {}): Endpoint {
  return { id: 'shop', url, secrets: [newSecret()], ...parts }
}
