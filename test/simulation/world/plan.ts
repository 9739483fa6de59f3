import type { Command } from '../../../lib/ledger/command.ts'
import {
  exchangeCommand,
  transferCommand,
  type VerbName,
  verbCommand,
} from '../../../lib/ledger/verbs.ts'
import type { WalletId } from '../../../lib/money/account.ts'
import { toAmount } from '../../../lib/money/amount.ts'
import type { AssetCode } from '../../../lib/money/asset.ts'
import { holdIdOf } from '../../../lib/money/hold.ts'
import type { Posting } from '../../../lib/money/posting.ts'
import { transactionId } from '../../../lib/money/transaction.ts'
import { type Random, type Range, seededRandom } from '../random.ts'
import type { Action, Manner, PostAction, Step } from './step.ts'

/** What clients want of the wallet, from a seed. A step says all that is in it: without another one, it is the same. */
export function planSteps({ seed, count }: { seed: number; count: number }): Step[] {
  const random = seededRandom(seed).fork('plan')
  const pace: Range = random.pick<Range>(PACES_US)
  const memory: Memory = { posts: [], holds: [], reversed: undefined, frozen: new Set() }
  const steps: Step[] = []
  let atUs = 0
  for (let number = 0; number < count; number += 1) {
    // Now and then a moment in which nobody comes, so that what is old can be over.
    atUs += random.chance(QUIET_CHANCE) ? random.between(QUIET_US) : random.between(pace)
    steps.push({ number, atUs, action: nextAction(random, memory, number) })
  }
  return steps
}

export const GOLD = 'GOLD_COINS' as AssetCode
export const GEMS = 'DIAMONDS' as AssetCode
export const ASSETS = [GOLD, GEMS] as const

const WALLETS = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
const CLIENTS = ['game', 'shop'] as const
/** From a crowd to a quiet evening. */
const PACES_US = [
  { from: 0, to: 10_000 },
  { from: 0, to: 40_000 },
  { from: 0, to: 150_000 },
] as const satisfies readonly Range[]
const QUIET_CHANCE = 0.002
const QUIET_US = { from: 1_000_000, to: 15_000_000 }
const MAX_AMOUNT = 20
const LARGE_AMOUNT = 100
const CREDITS = new Set<VerbName>(['topup', 'bonus', 'deposit'])
const LONGEST_HOLD_S = 20
const MAX_POSTINGS = 5
/** So many steps know of the same new wallets: several try to open one at the same time. */
const STEPS_OF_A_NEWCOMER = 60
const STEPS_OF_A_JAR = 120
const JAR_AMOUNT = 5

/** What later steps can refer to. */
interface Memory {
  readonly posts: PostAction[]
  readonly holds: PostAction[]
  reversed: PostAction | undefined
  readonly frozen: Set<WalletId>
}

type Draw = (random: Random, memory: Memory, number: number) => Action

const DRAWS: readonly (readonly [weight: number, Draw])[] = [
  [18, verb('topup')],
  [5, verb('bonus')],
  [4, verb('deposit')],
  [18, verb('spend')],
  [5, verb('withdraw')],
  [10, (...known) => post(...known, transfer(...known))],
  [4, (...known) => post(...known, exchange(...known))],
  [5, (...known) => post(...known, { type: 'POST', postings: postings(...known) })],
  [8, hold],
  [9, endHold],
  [7, reverse],
  [3, reuseKey],
  [8, readBalance],
  [3, readWallet],
  [3, writeMetadata],
  [4, walk],
  [4, setStatus],
  [8, useJar],
]
const TOTAL_WEIGHT = DRAWS.reduce((sum, [weight]) => sum + weight, 0)

function nextAction(random: Random, memory: Memory, number: number): Action {
  let left = random.below(TOTAL_WEIGHT)
  for (const [weight, draw] of DRAWS) {
    left -= weight
    if (left < 0) return draw(random, memory, number)
  }
  throw new RangeError('one of them is drawn')
}

function verb(name: VerbName): Draw {
  return (random, memory, number) => {
    const walletId = wallet(random, memory, number)
    const money = CREDITS.has(name) ? amount(random) : debit(random)
    const command = verbCommand(name, { walletId, asset: asset(random), amount: money })
    return post(random, memory, number, command)
  }
}

function post(random: Random, { posts }: Memory, number: number, command: Command): PostAction {
  const action: PostAction = {
    kind: 'post',
    client: random.pick(CLIENTS),
    key: `key-${number}`,
    command,
    manner: manner(random),
  }
  posts.push(action)
  return action
}

function manner(random: Random): Manner {
  if (random.chance(0.15)) return 'twins'
  if (random.chance(0.06)) return 'hasty'
  return random.chance(0.05) ? 'late' : 'patient'
}

function transfer(random: Random, memory: Memory, number: number): Command {
  const from = wallet(random, memory, number)
  const to = otherWallet(random, from)
  return transferCommand({ walletId: from, to, asset: asset(random), amount: debit(random) })
}

function exchange(random: Random, memory: Memory, number: number): Command {
  const [give, get] = random.pick([
    [GOLD, GEMS],
    [GEMS, GOLD],
  ] as const)
  return exchangeCommand({
    walletId: wallet(random, memory, number),
    from: { asset: give, amount: amount(random) },
    to: { asset: get, amount: amount(random) },
  })
}

/** Several rows at once, such as the prizes of a match and the fee of the house. */
function postings(random: Random, memory: Memory, number: number): Posting[] {
  return Array.from({ length: 2 + random.below(MAX_POSTINGS - 1) }, () => {
    const from = wallet(random, memory, number)
    const to = random.chance(0.3) ? ('@market-fees' as const) : otherWallet(random, from)
    const [source, sink] = random.chance(0.2) ? (['@season-7', from] as const) : [from, to]
    return { from: source, to: sink, asset: asset(random), amount: amount(random) } as Posting
  })
}

function hold(random: Random, memory: Memory, number: number): Action {
  const action = post(random, memory, number, {
    type: 'HOLD',
    walletId: wallet(random, memory, number),
    asset: asset(random),
    amount: amount(random),
    expiresInSeconds: 1 + random.below(LONGEST_HOLD_S),
  })
  memory.holds.push(action)
  return action
}

function endHold(random: Random, memory: Memory, number: number): Action {
  const held = memory.holds[memory.holds.length - 1 - random.below(4)]
  if (held?.command.type !== 'HOLD') return hold(random, memory, number)
  const { walletId } = held.command
  const holdId = holdIdOf(transactionId(held.client, held.key))
  if (random.chance(0.35)) return post(random, memory, number, { type: 'VOID', walletId, holdId })
  return post(random, memory, number, {
    type: 'CAPTURE',
    walletId,
    holdId,
    amount: random.chance(0.5) ? amount(random) : undefined,
    to: random.chance(0.3) ? otherWallet(random, walletId) : undefined,
  })
}

function reverse(random: Random, memory: Memory, number: number): Action {
  // Often the one that somebody else takes back just now.
  const isAgain = memory.reversed && random.chance(0.5)
  const earlier = isAgain ? memory.reversed : recent(random, memory.posts)
  if (!earlier) return hold(random, memory, number)
  memory.reversed = earlier
  return post(random, memory, number, {
    type: 'REVERSE',
    transactionId: transactionId(earlier.client, earlier.key),
    amount: random.chance(0.5) ? amount(random) : undefined,
    allowDebt: random.chance(0.2),
  })
}

/** A client with a fault of its own: one key for two things. */
function reuseKey(random: Random, memory: Memory, number: number): Action {
  const earlier = recent(random, memory.posts)
  if (!earlier) return hold(random, memory, number)
  const { key } = earlier
  // Of another client it is another key, though it looks the same.
  const client = random.chance(0.3) ? random.pick(CLIENTS) : earlier.client
  const command = verbCommand(random.pick(['topup', 'spend'] as const), {
    walletId: wallet(random, memory, number),
    asset: asset(random),
    amount: amount(random),
  })
  return { kind: 'post', client, key, command, manner: 'patient' }
}

function readBalance(random: Random, memory: Memory, number: number): Action {
  return {
    kind: 'read',
    walletId: wallet(random, memory, number),
    asset: asset(random),
    consistent: random.chance(0.7),
    ...(random.chance(0.2) && { agoMs: random.below(10_000) }),
  }
}

function walk(random: Random, memory: Memory, number: number): Action {
  return {
    kind: 'walk',
    what: random.pick(['entries', 'entries', 'transactions', 'holds'] as const),
    walletId: wallet(random, memory, number),
    ...(random.chance(0.7) && { asset: asset(random) }),
    order: random.pick(['asc', 'desc'] as const),
    limit: 3 + random.below(30),
  }
}

function readWallet(random: Random, memory: Memory, number: number): Action {
  return { kind: 'wallet', walletId: wallet(random, memory, number) }
}

function writeMetadata(random: Random, memory: Memory, number: number): Action {
  const walletId = wallet(random, memory, number)
  return { kind: 'metadata', walletId, text: `step ${number}`, isConditional: random.chance(0.5) }
}

/** A wallet for a while, which is often empty: so it can be closed, while others still pay into it. */
function useJar(random: Random, memory: Memory, number: number): Action {
  const walletId = `jar-${Math.floor(number / STEPS_OF_A_JAR)}` as WalletId
  const draw = random.unit()
  if (draw < 0.2) return { kind: 'status', walletId, status: 'CLOSED' }
  const name = draw < 0.6 ? 'topup' : 'spend'
  const command = verbCommand(name, { walletId, asset: GOLD, amount: toAmount(JAR_AMOUNT) })
  return post(random, memory, number, command)
}

/** Mostly the other one than before. */
function setStatus(random: Random, memory: Memory): Action {
  const walletId = random.pick(WALLETS.slice(0, 3) as ['alice', 'bob', 'carol']) as WalletId
  const isFrozen = memory.frozen.has(walletId)
  const status = isFrozen === random.chance(0.8) ? 'ACTIVE' : 'FROZEN'
  if (status === 'FROZEN') memory.frozen.add(walletId)
  else memory.frozen.delete(walletId)
  return { kind: 'status', walletId, status }
}

/** One that lies a little back: what it was about may be under way just now. */
function recent<Thing>(random: Random, things: readonly Thing[]): Thing | undefined {
  return things[things.length - 1 - Math.min(random.below(20), random.below(20))]
}

function wallet(random: Random, _: Memory, number: number): WalletId {
  if (random.chance(0.04)) return `new-${Math.floor(number / STEPS_OF_A_NEWCOMER)}` as WalletId
  return (random.chance(0.4) ? WALLETS[0] : random.pick(WALLETS)) as WalletId
}

function otherWallet(random: Random, than: WalletId): WalletId {
  const [first, ...others] = WALLETS.filter((name) => name !== than)
  return random.pick([first ?? WALLETS[0], ...others]) as WalletId
}

function asset(random: Random): AssetCode {
  return random.chance(0.8) ? GOLD : GEMS
}

/** Often more than there is left, so that who is poor is asked for more by two at once. */
function debit(random: Random) {
  return random.chance(0.3) ? toAmount(1 + random.below(LARGE_AMOUNT)) : amount(random)
}

function amount(random: Random) {
  return toAmount(1 + random.below(MAX_AMOUNT))
}
