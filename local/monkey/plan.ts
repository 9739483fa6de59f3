import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Errand } from './errand.ts'
import { type KindName, kindOf } from './kinds.ts'
import type { Mix } from './mix.ts'

export interface PlanOptions {
  readonly seed: number
  readonly mix: Mix
  readonly wallets: number
}

/** What each wallet begins with: enough for a while, and not for ever, so that some are told that they have too little. */
const OPENING_AMOUNT = 500
const MOST_AT_ONCE = 100
/** More than a wallet can get together in the longest run. */
const OVERDRAFT = 1_000_000_000_000
const TWINS_IN_A_HUNDRED = 5
const REPEATED_IN_A_HUNDRED = 5
/** Of holds and spends that something can still be done about, the newest; a plan has no end, and memory has. */
const MOST_KEPT = 1_000

/** The first credit of each wallet, which brings it to life. */
export function openings(wallets: number): Errand[] {
  return Array.from({ length: wallets }, (_, wallet) => ({
    name: `open-${wallet + 1}`,
    kind: 'topup',
    ...{ wallet, other: wallet, amount: OPENING_AMOUNT, isTwin: false, isRepeated: false },
  }))
}

/** Errands without end. The same options give the same ones, whatever becomes of them. */
export function* planErrands({ seed, mix, wallets }: PlanOptions): Generator<Errand, never> {
  const generator = xoroshiro128plus(seed)
  const below = (limit: number) => uniformInt(generator, 0, limit - 1)
  const total = Array.from(mix.values()).reduce((sum, share) => sum + share, 0)
  const kept: Record<'hold' | 'spend', Errand[]> = { hold: [], spend: [] }

  function drawKind(): KindName {
    let left = below(total)
    for (const [name, share] of mix) {
      if (left < share) return name
      left -= share
    }
    throw new Error('a share is drawn that nobody has')
  }

  for (let number = 1; ; number += 1) {
    const drawn = drawKind()
    const { about: needed } = kindOf({ kind: drawn })
    const about = needed && kept[needed].shift()
    // Nothing is there yet that it could be about: that comes first.
    const kind = needed && !about ? needed : drawn
    const wallet = about?.wallet ?? below(wallets)
    const errand: Errand = {
      ...{ name: String(number), kind, wallet },
      other: (wallet + 1 + below(wallets - 1)) % wallets,
      amount: amountOf(kind, about, below),
      isTwin: below(100) < TWINS_IN_A_HUNDRED,
      isRepeated: below(100) < REPEATED_IN_A_HUNDRED,
      ...(about && { about }),
    }
    if (kind === 'hold' || kind === 'spend') keep(kept[kind], errand)
    yield errand
  }
}

/** What ends a hold, or sends back a spend, is about all of it; a capture may take less. */
function amountOf(
  kind: KindName,
  about: Errand | undefined,
  below: (limit: number) => number,
): number {
  const drawn = 1 + below(about?.amount ?? MOST_AT_ONCE)
  if (kind === 'overdraft') return OVERDRAFT + drawn
  return about && kind !== 'capture' ? about.amount : drawn
}

function keep(errands: Errand[], errand: Errand): void {
  errands.push(errand)
  if (errands.length > MOST_KEPT) errands.shift()
}
