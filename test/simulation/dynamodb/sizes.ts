import type { Item, Value } from './values.ts'

/** The size of an item by AWS's published rules: by it, items are refused, pages end, and partitions have too much. */
export function bytesOf(item: Item): number {
  let bytes = 0
  for (const name in item) {
    const value = item[name]
    if (value) bytes += textBytes(name) + valueBytes(value)
  }
  return bytes
}

const CONTAINER_BYTES = 3
const ELEMENT_BYTES = 1

function valueBytes(value: Value): number {
  if (value.S !== undefined) return textBytes(value.S)
  if (value.N !== undefined) return numberBytes(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.L) return CONTAINER_BYTES + sum(value.L, (one) => ELEMENT_BYTES + valueBytes(one))
  if (value.M)
    return CONTAINER_BYTES + ELEMENT_BYTES * Object.keys(value.M).length + bytesOf(value.M)
  if (value.SS) return sum(value.SS, textBytes)
  if (value.NS) return sum(value.NS, numberBytes)
  if (value.BS) return sum(value.BS, (bytes) => bytes.byteLength)
  return 1
}

function sum<Thing>(things: readonly Thing[], sizeOf: (thing: Thing) => number): number {
  let total = 0
  for (const thing of things) total += sizeOf(thing)
  return total
}

const OUTER_ZEROS = /^0+|0+$/g
const ZERO = '0'.charCodeAt(0)

/** A byte for each two digits that count, one more, and one for a sign. */
function numberBytes(text: string): number {
  const isNegative = text.startsWith('-')
  const sign = isNegative ? 1 : 0
  const isPlain = !text.includes('.') && text.charCodeAt(text.length - 1) !== ZERO
  const digits = isPlain
    ? text.length - sign
    : text.replace('-', '').replace('.', '').replace(OUTER_ZEROS, '').length
  return Math.ceil(digits / 2) + 1 + sign
}

const LAST_ASCII = 0x7f
const SHORT = 48

/** Most texts are short and of letters that take a byte: to look is quicker than to ask. */
function textBytes(text: string): number {
  const { length } = text
  if (length > SHORT) return Buffer.byteLength(text)
  for (let place = 0; place < length; place += 1) {
    if (text.charCodeAt(place) > LAST_ASCII) return Buffer.byteLength(text)
  }
  return length
}
