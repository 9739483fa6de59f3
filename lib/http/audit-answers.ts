import type { Flag } from '../audit/flag.ts'
import type { Projection } from '../audit/project.ts'
import { type SupplyChange, sum } from '../audit/supply.ts'
import type { DeadLetter, Line } from '../audit/table/items.ts'
import { isoTime } from '../money/time.ts'
import { Problem } from './problem.ts'

/** How the audit's things look to a client. */

export function statsView(walletId: string, projections: readonly Projection[]) {
  return { walletId, items: projections.map(statsOfAsset) }
}

function statsOfAsset({ asset, totals, firstAt, at }: Projection) {
  const byType = Object.entries(totals).map(([type, { count, in: came, out, shifted }]) => [
    type,
    { count: exact(count), amount: exact(came + out + shifted), in: exact(came), out: exact(out) },
  ])
  return {
    asset,
    ...Object.fromEntries(byType),
    firstActivityAt: isoTime(firstAt),
    lastActivityAt: isoTime(at),
  }
}

export function supplyView(asset: string, supply: SupplyChange, asOf: number | undefined) {
  const { inWallets, held, inTransit, issued, burned, accounts } = supply
  return {
    asset,
    issued: exact(sum(Object.values(issued))),
    burned: exact(sum(Object.values(burned))),
    inWallets: exact(inWallets),
    held: exact(held),
    inTransit: exact(inTransit),
    accounts: eachExact(accounts),
    issuedBy: eachExact(issued),
    burnedBy: eachExact(burned),
    asOf: asOf === undefined ? null : isoTime(asOf),
  }
}

export function lineView({
  transactionId,
  type,
  account,
  asset,
  walletId,
  amount,
  reference,
  at,
}: Line) {
  return {
    transactionId,
    type,
    account,
    asset,
    walletId,
    amount,
    reference: reference ?? null,
    at: isoTime(at),
  }
}

export function flagView({ acknowledged, ...flag }: Flag) {
  const { id, rule, walletId, asset, transactionIds, reason, at } = flag
  return {
    ...{ id, rule, walletId, asset, transactionIds: [...transactionIds] },
    reason: reason ?? null,
    at: isoTime(at),
    acknowledged: acknowledged ? { by: acknowledged.by, at: isoTime(acknowledged.at) } : null,
  }
}

export function deadLetterView(letter: DeadLetter) {
  const { id, walletId, asset, reason, attempts, firstFailedAt, record } = letter
  return {
    id,
    walletId: walletId ?? null,
    asset: asset ?? null,
    reason,
    attempts,
    firstFailedAt: isoTime(firstFailedAt),
    record: Object(record),
  }
}

export function flagNotFound(id: string): Problem {
  return new Problem('FLAG_NOT_FOUND', `${id} is not a flag that was raised.`)
}

export function deadLetterNotFound(id: string): Problem {
  return new Problem('DEAD_LETTER_NOT_FOUND', `${id} is not parked, or not any more.`)
}

declare global {
  interface JSON {
    /** Node has it; TypeScript's own declarations do not, yet. */
    rawJSON(text: string): object
  }
}

/** A number in JSON can have any length; one in JavaScript cannot. */
function exact(amount: bigint): number {
  const number = Number(amount)
  if (Number.isSafeInteger(number)) return number
  // It is written as it is, and nobody here does sums with it.
  return JSON.rawJSON(String(amount)) as unknown as number
}

function eachExact(sums: Readonly<Record<string, bigint>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, amount]) => [name, exact(amount)]))
}
