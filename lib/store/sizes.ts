import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** Sizes and units by the rules that AWS publishes; DynamoDB Local's own count is wrong for transactions. */
type RawItem = Record<string, AttributeValue>

const WRITE_UNIT_BYTES = 1024
const READ_UNIT_BYTES = 4096
const CONTAINER_BYTES = 3
const ELEMENT_BYTES = 1

export function itemBytes(item: RawItem): number {
  return Object.entries(item).reduce(
    (total, [name, value]) => total + utf8Bytes(name) + valueBytes(value),
    0,
  )
}

/** A transactional write costs two units for each started KB of the larger of the item before and after. */
export function transactionalWriteUnits(before: RawItem | undefined, after: RawItem): number {
  const bytes = Math.max(before ? itemBytes(before) : 0, itemBytes(after))
  return 2 * Math.ceil(bytes / WRITE_UNIT_BYTES)
}

/** A strongly consistent read of one item; an absent one costs as much as the smallest. */
export function consistentReadUnits(item: RawItem | undefined): number {
  return Math.max(1, Math.ceil((item ? itemBytes(item) : 0) / READ_UNIT_BYTES))
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return utf8Bytes(value.S)
  if (value.N !== undefined) return numberBytes(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1
  if (value.SS !== undefined) return value.SS.reduce((total, text) => total + utf8Bytes(text), 0)
  if (value.L !== undefined) {
    return value.L.reduce(
      (total, element) => total + ELEMENT_BYTES + valueBytes(element),
      CONTAINER_BYTES,
    )
  }
  if (value.M !== undefined) {
    const elements = Object.keys(value.M).length
    return CONTAINER_BYTES + ELEMENT_BYTES * elements + itemBytes(value.M)
  }
  throw new TypeError(`an attribute type that the ledger does not use: ${Object.keys(value)}`)
}

/** One byte for each two significant digits, one more, and one for a sign. */
function numberBytes(text: string): number {
  const significant = text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '')
  return Math.ceil(significant.length / 2) + 1 + (text.startsWith('-') ? 1 : 0)
}

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}
