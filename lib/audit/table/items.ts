import { EXCHANGE, EXTERNAL, TREASURY, type WalletId } from '../../money/account.ts'
import type { AssetCode } from '../../money/asset.ts'
import { invariant } from '../../money/invariant.ts'
import {
  TRANSACTION_TYPES,
  type TransactionId,
  type TransactionType,
} from '../../money/transaction.ts'
import { type Attributes, fromAttributes } from '../../store/attributes.ts'
import type { Flag } from '../flag.ts'
import type { Projection, StatementLine } from '../project.ts'
import type { SupplyChange } from '../supply.ts'
import type { Totals } from '../totals.ts'
import {
  deadLetterKey,
  flagKey,
  type Generation,
  lineSortKey,
  projectionKey,
  shardOf,
  statementPartition,
} from './keys.ts'

/** What the Audit table holds. All numbers in it are exact, however large they grow. */
export type Item = Record<string, unknown>

export function toItem(attributes: Attributes): Item {
  return fromAttributes(attributes, BigInt)
}

export function projectionItem(generation: Generation, projection: Projection): Item {
  const { seq, at, available, held, head, firstAt, totals, memories } = projection
  return {
    ...projectionKey(generation, projection),
    seq,
    at,
    available,
    held,
    head,
    firstAt,
    totals: Object.fromEntries(
      Object.entries(totals).map(([type, total]) => {
        return [type, [total.count, total.in, total.out, total.shifted]]
      }),
    ),
    // Whatever a rule wants to remember: nobody else reads it.
    memories: JSON.stringify(memories),
  }
}

export function toProjection(item: Item): Projection {
  return {
    walletId: keyPart(item['pk'], 2) as WalletId,
    asset: keyPart(item['sk'], 1) as AssetCode,
    seq: whole(item['seq']),
    at: whole(item['at']),
    available: whole(item['available']),
    held: whole(item['held']),
    head: text(item['head']),
    firstAt: whole(item['firstAt']),
    totals: toTotals(item['totals']),
    memories: JSON.parse(text(item['memories'])),
  }
}

function toTotals(value: unknown): Totals {
  const lists = Object.entries(object(value)).map(([type, list]) => {
    invariant(Array.isArray(list), 'a total is a list')
    const [count, come, gone, shifted] = list.map(exact)
    return [
      type,
      { count: count ?? 0n, in: come ?? 0n, out: gone ?? 0n, shifted: shifted ?? 0n },
    ] as const
  })
  const known = lists.filter(([type]) => TRANSACTION_TYPES.some((name) => name === type))
  return Object.fromEntries(known)
}

/** These have their sums in the shard's own item; a studio may name accounts without end. */
const HOUSE: ReadonlySet<string> = new Set([TREASURY, EXTERNAL, EXCHANGE])
const SHARD_SORT_KEY = 'S'

/**
 * What is added to the items of a shard of the supply: one attribute for each sum. A sum of zero is added, too:
 * whether there is an attribute must not depend on which entries came together.
 */
export function supplyAdditions(change: SupplyChange): { sk: string; sums: [string, bigint][] }[] {
  const { inWallets, held, inTransit, issued, burned, accounts, entries } = change
  const named = (letter: string, sums: Readonly<Record<string, bigint>>) =>
    Object.entries(sums).map(([name, amount]) => [`${letter}:${name}`, amount] as [string, bigint])
  const isOfTheHouse = ([name]: [string, bigint]) => HOUSE.has(name)
  const ofHouse = Object.fromEntries(Object.entries(accounts).filter(isOfTheHouse))
  const others = Object.entries(accounts).filter((account) => !isOfTheHouse(account))
  const sums: [string, bigint][] = [
    ['inWallets', inWallets],
    ['held', held],
    ['inTransit', inTransit],
    ...named('i', issued),
    ...named('b', burned),
    ...named('a', ofHouse),
    ...named('e', entries),
  ]
  return [
    { sk: SHARD_SORT_KEY, sums },
    ...others.map(([name, amount]) => ({ sk: `A#${name}`, sums: named('a', { [name]: amount }) })),
  ]
}

export function toSupply(item: Item): SupplyChange {
  const sums = (letter: string) =>
    Object.fromEntries(
      Object.entries(item)
        .filter(([name]) => name.startsWith(`${letter}:`))
        .map(([name, amount]) => [name.slice(letter.length + 1), exact(amount)]),
    )
  return {
    inWallets: exact(item['inWallets'] ?? 0n),
    held: exact(item['held'] ?? 0n),
    inTransit: exact(item['inTransit'] ?? 0n),
    issued: sums('i'),
    burned: sums('b'),
    accounts: sums('a'),
    entries: sums('e'),
  }
}

/** A line of a system account's statement, as it is read. */
export interface Line {
  readonly account: string
  readonly asset: AssetCode
  readonly walletId: WalletId
  readonly transactionId: TransactionId
  readonly type: TransactionType
  readonly amount: number
  readonly reference: string | undefined
  readonly at: number
  readonly sortKey: string
}

export function lineItem(generation: Generation, line: StatementLine): Item {
  const { account, asset, walletId, amount, entry, index } = line
  const { at, seq, transactionId, type, reference } = entry
  return {
    pk: statementPartition(generation, account, asset, shardOf(walletId)),
    sk: lineSortKey({ at, walletId, seq, index }),
    txn: transactionId,
    type,
    amount,
    reference,
  }
}

export function toLine(item: Item): Line {
  const sortKey = text(item['sk'])
  return {
    account: keyPart(item['pk'], 2),
    asset: keyPart(item['pk'], 3) as AssetCode,
    walletId: keyPart(sortKey, 1) as WalletId,
    transactionId: text(item['txn']) as TransactionId,
    type: text(item['type']) as TransactionType,
    amount: whole(item['amount']),
    reference: optionalText(item['reference']),
    at: Number(keyPart(sortKey, 0)),
    sortKey,
  }
}

export const FLAG_KIND = 'F'
export const DEAD_LETTER_KIND = 'D'

export function flagItem(flag: Flag): Item {
  const { id, rule, walletId, asset, transactionIds, reason, at } = flag
  return {
    ...flagKey(id),
    kind: FLAG_KIND,
    wallet: walletId,
    rule,
    asset,
    transactionIds,
    reason,
    at,
  }
}

export function toFlag(item: Item): Flag {
  const by = optionalText(item['acknowledgedBy'])
  return {
    id: keyPart(item['pk'], 1),
    rule: text(item['rule']),
    walletId: text(item['wallet']) as WalletId,
    asset: text(item['asset']) as AssetCode,
    transactionIds: list(item['transactionIds']).map((id) => text(id) as TransactionId),
    reason: optionalText(item['reason']),
    at: whole(item['at']),
    acknowledged: by === undefined ? undefined : { by, at: whole(item['acknowledgedAt']) },
  }
}

/** A record of the stream that could not be processed, whole, so that nothing is lost. */
export interface DeadLetter {
  readonly id: string
  /** Undefined where not even that can be read. */
  readonly walletId: WalletId | undefined
  readonly asset: AssetCode | undefined
  readonly reason: string
  readonly attempts: number
  readonly firstFailedAt: number
  readonly record: unknown
}

/** An index has no item without its key, so a letter about nobody is about this. */
const NOBODY = '?'

export function deadLetterItem(letter: DeadLetter): Item {
  const { id, walletId, asset, reason, attempts, firstFailedAt, record } = letter
  return {
    ...deadLetterKey(id),
    kind: DEAD_LETTER_KIND,
    wallet: walletId ?? NOBODY,
    asset,
    reason,
    attempts,
    at: firstFailedAt,
    record: JSON.stringify(record),
  }
}

export function toDeadLetter(item: Item): DeadLetter {
  const wallet = text(item['wallet'])
  return {
    id: keyPart(item['pk'], 1),
    walletId: wallet === NOBODY ? undefined : (wallet as WalletId),
    asset: optionalText(item['asset']) as AssetCode | undefined,
    reason: text(item['reason']),
    attempts: whole(item['attempts']),
    firstFailedAt: whole(item['at']),
    record: JSON.parse(text(item['record'])),
  }
}

/** No wallet id, account or asset contains a `#`. */
function keyPart(key: unknown, index: number): string {
  return text(text(key).split('#')[index])
}

function text(value: unknown): string {
  invariant(typeof value === 'string', 'the table holds a text here')
  return value
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value)
}

function exact(value: unknown): bigint {
  invariant(typeof value === 'bigint', 'the table holds a number here')
  return value
}

export function whole(value: unknown): number {
  const number = Number(exact(value))
  invariant(Number.isSafeInteger(number), 'the table holds a safe whole number here')
  return number
}

function list(value: unknown): unknown[] {
  invariant(Array.isArray(value), 'the table holds a list here')
  return value
}

function object(value: unknown): object {
  invariant(typeof value === 'object' && value !== null, 'the table holds a map here')
  return value
}
