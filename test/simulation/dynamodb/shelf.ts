import type { Place } from './layout.ts'
import type { Item } from './values.ts'

/** Where an item is, was a moment ago, or is about to be. */
export interface Slot {
  readonly home: Partition
  readonly sort: string
  /** Decides between entries of an index that have one key. */
  readonly tie: string
  readonly key: Item
  /** As it is now; undefined where there is none. */
  item: Item | undefined
  bytes: number
  changedAtUs: number
  /** What it was before, oldest first, for reads that are behind. */
  older: Version[]
  isListed: boolean
  /** The transaction that has it in its hands. */
  heldBy: object | undefined
  /** Writes of one item that have come and are not done. */
  pending: number
  /** When the stream, and the indexes, will have heard of its last change. */
  streamedByUs: number
  indexedByUs: number
}

interface Version {
  readonly fromUs: number
  readonly item: Item | undefined
}

/** The items of one partition key. */
export interface Partition {
  readonly name: string
  /** Those that there are, or were of late, in order. */
  readonly slots: Slot[]
  /** By `nameOf`. Most partitions are a transaction's, and have one item: no map is made for that. */
  only: Slot | undefined
  byName: Map<string, Slot> | undefined
  /** What it bears at this moment. */
  readonly read: Units
  readonly write: Units
}

export interface Units {
  left: number
  atUs: number
}

/** Items by partition: a table, or an index of one. */
export interface Shelf {
  readonly at: (place: Place, tie?: string) => Slot | undefined
  readonly open: (place: Place, key: Item, tie?: string) => Slot
  readonly write: (slot: Slot, item: Item | undefined, bytes: number) => void
  /** Takes away a slot that nobody uses. */
  readonly tidy: (slot: Slot) => void
  readonly partition: (name: string) => readonly Slot[]
  /** All partitions, in an order that has nothing to do with their names. */
  readonly partitions: () => readonly Partition[]
  /** Those from one on, whether there is such a one or not. */
  readonly partitionsFrom: (name: string) => readonly Partition[]
}

export interface ShelfOptions {
  readonly nowUs: () => number
  /** How long a read can still see what something was before. */
  readonly rememberUs: number
}

export function createShelf({ nowUs, rememberUs }: ShelfOptions): Shelf {
  const partitions = new Map<string, Partition>()
  /** Of items that are gone: to be forgotten when nobody can see them any more. */
  const graves = new Map<Slot, number>()
  let order: Partition[] | undefined

  function openPartition(name: string): Partition {
    const fresh: Partition = {
      name,
      slots: [],
      only: undefined,
      byName: undefined,
      read: { left: FULL, atUs: 0 },
      write: { left: FULL, atUs: 0 },
    }
    partitions.set(name, fresh)
    order = undefined
    return fresh
  }

  function list(slot: Slot): void {
    if (slot.isListed) return
    const { slots } = slot.home
    const last = slots.at(-1)
    if (!last || isBefore(last, slot)) slots.push(slot)
    else
      slots.splice(
        firstIndex(slots, (one) => !isBefore(one, slot)),
        0,
        slot,
      )
    slot.isListed = true
  }

  function remove(slot: Slot): void {
    const { home, sort, tie } = slot
    if (home.byName) home.byName.delete(nameOf(sort, tie))
    else home.only = undefined
    if (slot.isListed)
      home.slots.splice(
        firstIndex(home.slots, (one) => !isBefore(one, slot)),
        1,
      )
    slot.isListed = false
    if (home.byName && home.byName.size > 0) return
    partitions.delete(home.name)
    order = undefined
  }

  function tidy(slot: Slot): void {
    const isUsed = slot.item || slot.heldBy || slot.pending > 0 || slot.older.length > 0
    if (isUsed || heardByUs(slot) > nowUs()) return
    if (find(slot.home, nameOf(slot.sort, slot.tie)) === slot) remove(slot)
  }

  function forgetOld(slot: Slot): void {
    const horizonUs = nowUs() - rememberUs
    while ((slot.older[1]?.fromUs ?? slot.changedAtUs) <= horizonUs && slot.older.length > 0) {
      slot.older.shift()
    }
  }

  function bury(): void {
    for (const [slot, untilUs] of graves) {
      if (untilUs > nowUs()) return
      graves.delete(slot)
      forgetOld(slot)
      tidy(slot)
    }
  }

  function ordered(): Partition[] {
    order ??= Array.from(partitions.values()).sort(byHash)
    return order
  }

  return {
    at({ partition, sort }, tie = '') {
      const home = partitions.get(partition)
      return home && find(home, nameOf(sort, tie))
    },

    open({ partition, sort }, key, tie = '') {
      const home = partitions.get(partition) ?? openPartition(partition)
      const name = nameOf(sort, tie)
      const known = find(home, name)
      if (known) return known
      const slot: Slot = {
        home,
        sort,
        tie,
        key,
        item: undefined,
        bytes: 0,
        changedAtUs: 0,
        older: NO_VERSIONS,
        isListed: false,
        heldBy: undefined,
        pending: 0,
        streamedByUs: 0,
        indexedByUs: 0,
      }
      keep(home, name, slot)
      return slot
    },

    write(slot, item, bytes) {
      if (graves.size > 0) bury()
      if (rememberUs > 0 && (slot.isListed || slot.item)) {
        if (slot.older === NO_VERSIONS) slot.older = []
        slot.older.push({ fromUs: slot.changedAtUs, item: slot.item })
      }
      slot.item = item
      slot.bytes = bytes
      slot.changedAtUs = nowUs()
      forgetOld(slot)
      graves.delete(slot)
      if (item) list(slot)
      else graves.set(slot, Math.max(heardByUs(slot), nowUs() + rememberUs))
    },

    tidy,
    partition: (name) => partitions.get(name)?.slots ?? NOBODY,
    partitions: ordered,
    partitionsFrom: (name) => {
      const place = ordered().findIndex((other) => byHash({ name }, other) <= 0)
      return place < 0 ? [] : ordered().slice(place)
    },
  }
}

const FULL = Number.POSITIVE_INFINITY
const NOBODY: readonly Slot[] = []
/** Of everything that never changed. */
const NO_VERSIONS: Version[] = []

function find({ only, byName }: Partition, name: string): Slot | undefined {
  if (byName) return byName.get(name)
  return only && nameOf(only.sort, only.tie) === name ? only : undefined
}

function keep(home: Partition, name: string, slot: Slot): void {
  const { only } = home
  if (only) {
    home.byName = new Map([[nameOf(only.sort, only.tie), only]])
    home.only = undefined
  }
  if (home.byName) home.byName.set(name, slot)
  else home.only = slot
}

function heardByUs({ streamedByUs, indexedByUs }: Slot): number {
  return Math.max(streamedByUs, indexedByUs)
}

/** What somebody sees who is so far behind. */
export function itemAsOf(slot: Slot, atUs: number): Item | undefined {
  if (slot.changedAtUs <= atUs) return slot.item
  return slot.older.findLast(({ fromUs }) => fromUs <= atUs)?.item
}

/** The first place where it holds, if it holds from there to the end. */
export function firstIndex(slots: readonly Slot[], holds: (slot: Slot) => boolean): number {
  let [low, high] = [0, slots.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const slot = slots[middle]
    if (slot && holds(slot)) high = middle
    else low = middle + 1
  }
  return low
}

/** Before, in the order of a partition. */
export function isBefore(a: Pick<Slot, 'sort' | 'tie'>, b: Pick<Slot, 'sort' | 'tie'>): boolean {
  return a.sort === b.sort ? a.tie < b.tie : a.sort < b.sort
}

function nameOf(sort: string, tie: string): string {
  return tie === '' ? sort : `${sort}\u0000${tie}`
}

function byHash(a: { readonly name: string }, b: { readonly name: string }): number {
  const difference = hashOf(a.name) - hashOf(b.name)
  if (difference !== 0 || a.name === b.name) return difference
  return a.name < b.name ? -1 : 1
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export function hashOf(name: string): number {
  let hash = FNV_OFFSET
  for (let place = 0; place < name.length; place += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(place), FNV_PRIME)
  }
  return hash >>> 0
}
