import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { invariant } from '../money/invariant.ts'
import type { Item } from './items.ts'
import type { Key } from './keys.ts'

/**
 * Items as DynamoDB writes them. The SDK has a marshaller for whatever there is in JavaScript: it looks at each value in
 * some twenty ways, and was a quarter of the time of a write. What is stored here is of few kinds.
 */
export type Attributes = Record<string, AttributeValue>

/** What is undefined is not there. */
export function toAttributes(item: Item): Attributes {
  const attributes: Attributes = {}
  for (const name in item) {
    const value = item[name]
    if (value !== undefined) attributes[name] = toAttribute(value)
  }
  return attributes
}

export function keyAttributes({ pk, sk }: Key): Attributes {
  return { pk: { S: pk }, sk: { S: sk } }
}

type ToNumber = (digits: string) => number | bigint | string

/** Numbers are doubles, unless somebody wants them otherwise. */
export function fromAttributes(attributes: Attributes, toNumber: ToNumber = toExactNumber): Item {
  const item: Item = {}
  for (const name in attributes) {
    const value = attributes[name]
    if (value) item[name] = fromAttribute(value, toNumber)
  }
  return item
}

/** What somebody else has stored, and a double cannot hold, is not read as something near it, but as it is written. */
function toExactNumber(digits: string): number | string {
  const number = Number(digits)
  return String(number) === digits ? number : digits
}

function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'number':
      invariant(Math.abs(value) <= Number.MAX_SAFE_INTEGER, 'a number that is stored is exact')
      return { N: String(value) }
    case 'bigint':
      return { N: String(value) }
    case 'boolean':
      return { BOOL: value }
  }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  if (value instanceof Uint8Array) return { B: value }
  invariant(isMap(value), `nothing of this kind is stored: ${typeof value}`)
  return { M: toAttributes(value) }
}

function isMap(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value)
}

/** Of a kind that is not stored here, what somebody else has put there is given as it is: no reader knows it. */
function fromAttribute(value: AttributeValue, toNumber: ToNumber): unknown {
  if (value.S !== undefined) return value.S
  if (value.N !== undefined) return toNumber(value.N)
  if (value.B !== undefined) return value.B
  if (value.L !== undefined) return value.L.map((element) => fromAttribute(element, toNumber))
  if (value.M !== undefined) return fromAttributes(value.M, toNumber)
  return value.BOOL ?? value
}
