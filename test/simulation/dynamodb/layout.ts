import type { TableDefinition } from '../../../lib/store/tables.ts'
import { invalid } from './errors.ts'
import { sortableText } from './expressions/compare.ts'
import { sortableNumber } from './numbers.ts'
import { attribute, bytesAsText, type Item, typeOf, type Value } from './values.ts'

export interface KeyAttribute {
  readonly name: string
  readonly type: 'S' | 'N' | 'B'
}

export interface KeyPair {
  readonly partition: KeyAttribute
  readonly sort: KeyAttribute
}

export interface IndexLayout extends KeyPair {
  readonly name: string
  readonly isWhole: boolean
}

export interface TableLayout extends KeyPair {
  readonly indexes: readonly IndexLayout[]
  readonly hasStream: boolean
}

export function layoutOf(definition: TableDefinition): TableLayout {
  return {
    partition: { name: definition.partitionKey, type: 'S' },
    sort: { name: definition.sortKey, type: 'S' },
    hasStream: definition.stream !== undefined,
    indexes: definition.indexes.map(({ name, partitionKey, sortKey, projection }) => ({
      name,
      partition: { name: partitionKey, type: 'S' },
      sort: { name: sortKey, type: 'N' },
      isWhole: projection === 'ALL',
    })),
  }
}

/** Where an item is: texts that sort as the keys do. */
export interface Place {
  readonly partition: string
  readonly sort: string
}

const MOST_PARTITION_BYTES = 2048
const MOST_SORT_BYTES = 1024

/** Of a request that names an item: its keys and nothing else. */
export function placeOfKey(layout: KeyPair, key: Item): Place {
  const names = Object.keys(key)
  if (names.length !== 2) throw invalid(NOT_THE_KEYS)
  return {
    partition: keyText(layout.partition, key, MOST_PARTITION_BYTES),
    sort: keyText(layout.sort, key, MOST_SORT_BYTES),
  }
}

const NOT_THE_KEYS = 'The provided key element does not match the schema'
const PREFIX = 'One or more parameter values were invalid:'
const EMPTY_PREFIX = 'One or more parameter values are not valid.'

function keyText({ name, type }: KeyAttribute, key: Item, mostBytes: number): string {
  const value = attribute(key, name)
  if (value?.[type] === undefined) throw invalid(NOT_THE_KEYS)
  return checkedKeyText(name, value, mostBytes)
}

/** Of an item that is put. */
export function placeOfItem(layout: TableLayout, item: Item): Place {
  const place = {
    partition: itemKeyText(layout.partition, item, MOST_PARTITION_BYTES),
    sort: itemKeyText(layout.sort, item, MOST_SORT_BYTES),
  }
  checkIndexKeys(layout, item)
  return place
}

function itemKeyText({ name, type }: KeyAttribute, item: Item, mostBytes: number): string {
  const value = attribute(item, name)
  if (!value) throw invalid(`${PREFIX} Missing the key ${name} in the item`)
  if (value[type] === undefined) {
    throw invalid(
      `${PREFIX} Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
    )
  }
  return checkedKeyText(name, value, mostBytes)
}

export function checkNotEmpty(name: string, value: Value): void {
  if (value.S !== '' && value.B?.byteLength !== 0) return
  throw invalid(
    `${EMPTY_PREFIX} The AttributeValue for a key attribute cannot contain an empty ${value.S === '' ? 'string' : 'binary'} value. Key: ${name}`,
  )
}

function checkedKeyText(name: string, value: Value, mostBytes: number): string {
  checkNotEmpty(name, value)
  if (bytesInKey(value, mostBytes) > mostBytes) {
    throw invalid(
      mostBytes === MOST_PARTITION_BYTES
        ? `${PREFIX} Size of hashkey has exceeded the maximum size limit of2048 bytes`
        : `${PREFIX} Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
    )
  }
  return sortable(value)
}

const MOST_BYTES_OF_A_LETTER = 3

/** At least as many; counted only where there may be too many. */
function bytesInKey({ S: text, B: bytes }: Value, mostBytes: number): number {
  if (text === undefined) return bytes?.byteLength ?? 0
  const most = text.length * MOST_BYTES_OF_A_LETTER
  return most > mostBytes ? Buffer.byteLength(text) : most
}

/** Whoever has a key of an index must have it in the index's type. */
export function checkIndexKeys({ indexes }: TableLayout, item: Item): void {
  for (const { name: index, partition, sort } of indexes) {
    for (const { name, type } of [partition, sort]) {
      const value = attribute(item, name)
      if (!value) continue
      if (value[type] === undefined) {
        throw invalid(
          `${PREFIX} Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index}`,
        )
      }
      if (value.S === '') {
        throw invalid(
          `${EMPTY_PREFIX} A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index}, IndexKey: ${name}`,
        )
      }
    }
  }
}

export function keyOf({ partition, sort }: KeyPair, item: Item): Item {
  const first = attribute(item, partition.name)
  const second = attribute(item, sort.name)
  if (first && second) return { [partition.name]: first, [sort.name]: second }
  return { ...(first && { [partition.name]: first }), ...(second && { [sort.name]: second }) }
}

/** A text that sorts among others of its type as DynamoDB sorts the values. */
export function sortable(value: Value): string {
  if (value.S !== undefined) return sortableText(value.S)
  if (value.N !== undefined) return sortableNumber(value.N)
  if (value.B !== undefined) return bytesAsText(value.B)
  throw new Error(`not a key: ${typeOf(value)}`)
}
