/**
 * Things in line. A search takes one out and puts it back very many times, so both are quick, and whoever walks the
 * line does not meet those that are out.
 */
export interface WaitingList<Thing> {
  /** In line. What is taken out meanwhile must be back before it goes on. */
  readonly waiting: () => Generator<Waiting<Thing>>
  readonly count: () => number
  readonly take: (place: number) => void
  /** The one that was taken last comes back first. */
  readonly putBack: (place: number) => void
  /** Two moments have one key exactly if the same are out. It is short where all of them were in front. */
  readonly key: () => string
}

export interface Waiting<Thing> {
  readonly place: number
  readonly thing: Thing
}

const RADIX = 32

export function createWaitingList<Thing extends object>(
  things: readonly Thing[],
): WaitingList<Thing> {
  const end = things.length
  /** A ring: the end is between the last and the first. */
  const after = Array.from({ length: end + 1 }, (_, place) => (place === end ? 0 : place + 1))
  const before = Array.from({ length: end + 1 }, (_, place) => (place === 0 ? end : place - 1))
  /** A bit for each that is out. */
  let out = 0n
  let count = end

  const nextTo = (neighbours: readonly number[], place: number) => neighbours[place] ?? end

  return {
    *waiting() {
      for (let place = nextTo(after, end); place !== end; place = nextTo(after, place)) {
        const thing = things[place]
        if (thing) yield { place, thing }
      }
    },
    count: () => count,
    take(place) {
      after[nextTo(before, place)] = nextTo(after, place)
      before[nextTo(after, place)] = nextTo(before, place)
      out |= 1n << BigInt(place)
      count -= 1
    },
    putBack(place) {
      after[nextTo(before, place)] = place
      before[nextTo(after, place)] = place
      out &= ~(1n << BigInt(place))
      count += 1
    },
    key() {
      const first = nextTo(after, end)
      return `${first}+${(out >> BigInt(first)).toString(RADIX)}`
    },
  }
}
