import type { Brand } from './brand.ts'
import { invariant } from './invariant.ts'

/** A positive whole number of an asset's minor unit. */
export type Amount = Brand<number, 'Amount'>

/** Beyond 2^53-1 a JavaScript (and JSON) number no longer counts every unit. */
export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER

export function isAmount(value: unknown): value is Amount {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

export function toAmount(value: number): Amount {
  invariant(isAmount(value), `not an amount: ${value}`)
  return value
}

/** The exact sum, or undefined where it leaves -(2^53-1) .. 2^53-1. */
export function exactSum(values: readonly number[]): number | undefined {
  // Partial sums of legal amounts can pass 2^53 on the way to a legal result; only bigint survives that.
  const sum = values.reduce((total, value) => total + BigInt(value), 0n)
  return sum >= -BigInt(MAX_AMOUNT) && sum <= BigInt(MAX_AMOUNT) ? Number(sum) : undefined
}
