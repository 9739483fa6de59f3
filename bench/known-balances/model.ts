import { createKnownBalances, type KnownBalances } from '../../lib/ledger/known-balances.ts'
import type { WalletId } from '../../lib/money/account.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import type { Balance } from '../../lib/money/balance.ts'
import { ASSUMPTIONS } from '../costs/dollars.ts'

/** AWS does not say which of the idle instances a request comes to. */
export const ROUTES = ['used-last', 'any'] as const
export type Route = (typeof ROUTES)[number]

export interface Game {
  readonly writesPerSecond: number
  readonly route: Route
  readonly keptForMs: number
  /** 0 for instances that trust what they know whatever came of it. */
  readonly rightForOneWrong: number
}

export interface Played {
  readonly writes: number
  /** As many as worked at the same time once, and a while after. */
  readonly mostInstances: number
  readonly hits: number
  readonly misses: number
}

const WRITES = 50_000
/** A player in a session. */
const WRITES_OF_SESSION = 60
const BETWEEN_WRITES_MS = 5_000
/** Lambda ends an instance that nobody has asked for some minutes. */
const IDLE_MS = 600_000
const SECOND_MS = 1_000
const SEED = 20_261_121

interface Instance {
  readonly known: KnownBalances
  busyUntilMs: number
  usedAtMs: number
}

/** Players who write into their wallets, and function instances that remember what they wrote. */
export function play({ writesPerSecond, route, keptForMs, rightForOneWrong }: Game): Played {
  const random = randomFrom(SEED)
  const until = (meanMs: number) => -Math.log(1 - random()) * meanMs
  const players = Math.max(1, Math.round((writesPerSecond * BETWEEN_WRITES_MS) / SECOND_MS))
  const active = Array.from({ length: players }, (_, index) => index)
  const numbers = new Map<number, number>()
  let newcomer = players
  let nowMs = 0
  let instances: Instance[] = []
  let mostInstances = 0

  function open(): Instance {
    const options = { now: () => nowMs, keptForMs, rightForOneWrong }
    const instance = { known: createKnownBalances(options), busyUntilMs: 0, usedAtMs: nowMs }
    instances.push(instance)
    mostInstances = Math.max(mostInstances, instances.length)
    return instance
  }

  function choose(): Instance {
    instances = instances.filter(({ usedAtMs }) => nowMs - usedAtMs < IDLE_MS)
    const idle = instances.filter(({ busyUntilMs }) => busyUntilMs <= nowMs)
    if (route === 'any') return idle[Math.floor(random() * idle.length)] ?? open()
    return idle.toSorted((a, b) => b.usedAtMs - a.usedAtMs)[0] ?? open()
  }

  let [hits, misses] = [0, 0]
  for (let count = 0; count < WRITES; count += 1) {
    nowMs += until(SECOND_MS / writesPerSecond)
    const seat = Math.floor(random() * active.length)
    const player = active[seat] ?? 0
    const instance = choose()
    const number = numbers.get(player) ?? 0
    write(instance.known, balanceOf(player, number), balanceOf(player, number + 1))
    numbers.set(player, number + 1)
    instance.usedAtMs = nowMs
    instance.busyUntilMs = nowMs + until(ASSUMPTIONS.requestMs)
    const used = instance.known.take()
    hits += used.hits
    misses += used.misses
    if (random() < 1 / WRITES_OF_SESSION) {
      active[seat] = newcomer
      newcomer += 1
    }
  }
  return { writes: WRITES, mostInstances, hits, misses }
}

/** As lib/ledger/load-state.ts and post.ts do it. */
function write(known: KnownBalances, there: Balance, after: Balance): void {
  const recalled = known.recall([there])
  if (recalled) {
    const verdict = recalled[0]?.head === there.head ? 'right' : 'wrong'
    known.judge(recalled, verdict, known.isTrusted() ? 'relied' : 'compared')
  }
  known.learn([after])
}

function balanceOf(player: number, seq: number): Balance {
  return {
    ...{ walletId: `player-${player}` as WalletId, asset: 'GOLD_COINS' as AssetCode },
    ...{ available: 1_000_000, held: 0, at: 0, status: 'ACTIVE' },
    ...{ seq, head: String(seq) },
  }
}

/** The same numbers each time, from 0 to 1: Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
