import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { invalid } from './errors.ts'
import { canonicalNumber } from './numbers.ts'

export type Value = AttributeValue
/** Nobody changes an item or what is in it: it is kept, handed out and compared as it is. */
export type Item = Readonly<Record<string, Value>>
export type TypeName = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL'

const TYPE_NAMES: readonly TypeName[] = ['S', 'N', 'B', 'M', 'L', 'BOOL', 'NULL', 'SS', 'NS', 'BS']

export function typeOf(value: Value): TypeName {
  if (value.S !== undefined) return 'S'
  if (value.N !== undefined) return 'N'
  for (const name of TYPE_NAMES) if (value[name] !== undefined) return name
  throw invalid(
    'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
  )
}

/** By name; an item has no attributes that it did not get, whatever an object of JavaScript inherits. */
export function attribute(item: Item, name: string): Value | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined
}

/** The same as DynamoDB keeps it. */
export function checkedItem(item: Item): Item {
  let changed: Record<string, Value> | undefined
  for (const name in item) {
    const value = item[name]
    if (!value) continue
    const kept = checked(value)
    if (kept === value) continue
    changed ??= { ...item }
    changed[name] = kept
  }
  return changed ?? item
}

export function checked(value: Value): Value {
  if (value.S !== undefined || value.B !== undefined || value.BOOL !== undefined) {
    return onlyOne(value)
  }
  if (value.N !== undefined) return checkedNumber(value, value.N)
  switch (typeOf(onlyOne(value))) {
    case 'M':
      return checkedMap(value, value.M ?? {})
    case 'L':
      return checkedList(value, value.L ?? [])
    case 'NULL':
      if (value.NULL !== true) {
        throw invalid(`${PREFIX} Null attribute value types must have the value of true`)
      }
      return value
    case 'SS':
      return checkedSet(value, value.SS ?? [], 'string', (text) => text)
    case 'NS':
      return checkedNumbers(value.NS ?? [])
    default:
      return checkedSet(value, value.BS ?? [], 'binary', bytesAsText)
  }
}

const PREFIX = 'One or more parameter values were invalid:'

function onlyOne(value: Value): Value {
  let types = 0
  for (const _ in value) types += 1
  if (types > 1) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    )
  }
  return value
}

function checkedNumber(value: Value, text: string): Value {
  onlyOne(value)
  const canonical = canonicalNumber(text)
  return canonical === text ? value : { N: canonical }
}

function checkedMap(value: Value, map: Item): Value {
  const kept = checkedItem(map)
  return kept === map ? value : { M: { ...kept } }
}

function checkedList(value: Value, list: readonly Value[]): Value {
  const kept = list.map(checked)
  return kept.every((element, place) => element === list[place]) ? value : { L: kept }
}

function checkedSet<Member>(
  value: Value,
  members: readonly Member[],
  name: 'string' | 'binary',
  asText: (member: Member) => string,
): Value {
  if (members.length === 0) {
    throw invalid(
      name === 'binary'
        ? `${PREFIX} Binary sets should not be empty`
        : `${PREFIX} An ${name} set  may not be empty`,
    )
  }
  const texts = members.map(asText)
  if (new Set(texts).size < texts.length) {
    throw invalid(
      name === 'binary'
        ? `${PREFIX} Input collection ${valueText(value)}of type BS contains duplicates.`
        : `${PREFIX} Input collection [${texts.join(', ')}] contains duplicates.`,
    )
  }
  return value
}

function checkedNumbers(members: readonly string[]): Value {
  if (members.length === 0) throw invalid(`${PREFIX} An number set  may not be empty`)
  const kept = members.map(canonicalNumber)
  if (new Set(kept).size < kept.length) throw invalid('Input collection contains duplicates')
  return { NS: kept }
}

export function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function valueText(value: Value): string {
  return `[${(value.BS ?? []).map((bytes) => Buffer.from(bytes).toString('base64')).join(', ')}]`
}

/** As DynamoDB compares: sets have no order, and numbers are what they mean. */
export function isSame(a: Value, b: Value): boolean {
  if (a.S !== undefined) return a.S === b.S
  if (a.N !== undefined) return a.N === b.N
  if (a.B !== undefined) return b.B !== undefined && isSameBytes(a.B, b.B)
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL
  if (a.NULL !== undefined) return b.NULL !== undefined
  if (a.M !== undefined) return b.M !== undefined && isSameItem(a.M, b.M)
  if (a.L !== undefined) return b.L !== undefined && isSameList(a.L, b.L)
  if (a.SS !== undefined) return b.SS !== undefined && isSameSet(a.SS, b.SS)
  if (a.NS !== undefined) return b.NS !== undefined && isSameSet(a.NS, b.NS)
  return (
    a.BS !== undefined &&
    b.BS !== undefined &&
    isSameSet(a.BS.map(bytesAsText), b.BS.map(bytesAsText))
  )
}

export function isSameItem(a: Item, b: Item): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => {
    const [left, right] = [attribute(a, name), attribute(b, name)]
    return left !== undefined && right !== undefined && (left === right || isSame(left, right))
  })
}

function isSameList(a: readonly Value[], b: readonly Value[]): boolean {
  return (
    a.length === b.length &&
    a.every((element, place) => {
      const other = b[place]
      return other !== undefined && isSame(element, other)
    })
  )
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const members = new Set(a)
  return members.size === b.length && b.every((member) => members.has(member))
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
