import { compareNumbers } from '../numbers.ts'
import { isSame, type Value } from '../values.ts'
import type { Comparator } from './syntax.ts'

/** Whether a comparison holds. What is not there, or of another type, is unlike everything and in no order. */
export function compares(
  operator: Comparator,
  a: Value | undefined,
  b: Value | undefined,
): boolean {
  switch (operator) {
    case '=':
      return a !== undefined && b !== undefined && isSame(a, b)
    case '<>':
      return a === undefined || b === undefined || !isSame(a, b)
    default:
      return holds(operator, order(a, b))
  }
}

function holds(operator: '<' | '<=' | '>' | '>=', difference: number | undefined): boolean {
  if (difference === undefined) return false
  switch (operator) {
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
  }
}

/** Below zero where the first comes first; undefined where there is no order. */
export function order(a: Value | undefined, b: Value | undefined): number | undefined {
  if (a?.N !== undefined && b?.N !== undefined) return compareNumbers(a.N, b.N)
  if (a?.S !== undefined && b?.S !== undefined) return orderOfTexts(a.S, b.S)
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B)
  return undefined
}

/** By their bytes in UTF-8, which is another order than JavaScript's beyond the basic plane. */
function orderOfTexts(a: string, b: string): number {
  const [left, right] = [sortableText(a), sortableText(b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

const SURROGATE_OR_AFTER = /[\ud800-\uffff]/
const FIRST_SURROGATE = 0xd800
const FIRST_AFTER = 0xe000
const SURROGATES = FIRST_AFTER - FIRST_SURROGATE
const LAST_UNIT = 0x10000

/** A text that JavaScript sorts as UTF-8 sorts the given one: surrogates change places with what follows them. */
export function sortableText(text: string): string {
  if (!SURROGATE_OR_AFTER.test(text)) return text
  let sortable = ''
  for (let place = 0; place < text.length; place += 1) {
    sortable += String.fromCharCode(turned(text.charCodeAt(place)))
  }
  return sortable
}

function turned(unit: number): number {
  if (unit < FIRST_SURROGATE) return unit
  return unit >= FIRST_AFTER ? unit - SURROGATES : unit + LAST_UNIT - FIRST_AFTER
}
