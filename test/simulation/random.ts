import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { skipN } from 'pure-rand/utils/skipN'

/** Everything by chance in a simulation comes from here, and so from its seed. */
export interface Random {
  /** From 0, inclusive, to 1, exclusive. */
  readonly unit: () => number
  /** A whole number from 0 to below the limit. */
  readonly below: (limit: number) => number
  /** A whole number, both ends inside. */
  readonly between: (range: Range) => number
  /** What never happens draws nothing, so that a fault that is off leaves all else as it was. */
  readonly chance: (probability: number) => boolean
  readonly pick: <Thing>(things: readonly [Thing, ...Thing[]]) => Thing
  /** Another source that this one decides, but for what is drawn from it: each part of a simulation has its own. */
  readonly fork: (name: string) => Random
}

export interface Range {
  readonly from: number
  readonly to: number
}

const UNITS = 2 ** 32
/** The first numbers of a generator show its seed. */
const SHOWING = 16
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  skipN(generator, SHOWING)
  const unit = () => (generator.next() >>> 0) / UNITS
  const below = (limit: number) => Math.floor(unit() * limit)
  return {
    unit,
    below,
    between: ({ from, to }) => (from === to ? from : from + below(to - from + 1)),
    chance: (probability) => probability > 0 && unit() < probability,
    pick: (things) => things[below(things.length)] ?? things[0],
    fork: (name) => seededRandom(seedNamed(seed, name)),
  }
}

/** FNV-1a: names that look alike give seeds that do not. */
function seedNamed(seed: number, name: string): number {
  let hash = FNV_OFFSET ^ seed
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), FNV_PRIME)
  return hash | 0
}
