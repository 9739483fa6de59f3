import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explain, type Model, type Operation } from './linearizability.ts'
import { seededRandom } from './random.ts'

interface Wallet {
  readonly available: number
  readonly held: number
}

type Call = Operation<Wallet>

const MODEL: Model<Wallet> = {
  initial: { available: 0, held: 0 },
  keyOf: ({ available, held }) => `${available},${held}`,
}

/** What can be asked of a wallet. To set is the one after which it matters who was last. */
interface Asked {
  readonly verb: 'topup' | 'spend' | 'hold' | 'free' | 'set' | 'read'
  readonly amount: number
}

/** Undefined: it declines. */
function changed({ available, held }: Wallet, { verb, amount }: Asked): Wallet | undefined {
  const after = {
    topup: { available: available + amount, held },
    spend: { available: available - amount, held },
    hold: { available: available - amount, held: held + amount },
    free: { available: available + amount, held: held - amount },
    set: { available: amount, held },
    read: { available, held },
  }[verb]
  return after.available < 0 || after.held < 0 ? undefined : after
}

interface Heard {
  readonly from: number
  readonly to: number | undefined
  /** The wallet after it, in the answer. Undefined: an answer that does not say. */
  readonly told?: Wallet
  readonly isDeclined?: boolean
  readonly mustHappen?: boolean
}

function call(
  asked: Asked,
  { from, to, told, isDeclined = false, mustHappen = false }: Heard,
): Call {
  const answer = isDeclined ? ' declined' : told ? ` = ${MODEL.keyOf(told)}` : ''
  return {
    name: `${asked.verb} ${asked.amount}${answer} [${from}..${to ?? ''}]`,
    invokedUs: from,
    answeredUs: to,
    mustHappen,
    isRead: asked.verb === 'read',
    apply(wallet) {
      const after = changed(wallet, asked)
      if (isDeclined) return after ? undefined : wallet
      if (!after || (told && MODEL.keyOf(told) !== MODEL.keyOf(after))) return
      return asked.verb === 'read' ? wallet : after
    },
  }
}

const has = (available: number, held = 0): Wallet => ({ available, held })
const topup = (amount: number, heard: Heard) => call({ verb: 'topup', amount }, heard)
const spend = (amount: number, heard: Heard) => call({ verb: 'spend', amount }, heard)
const set = (amount: number, heard: Heard) => call({ verb: 'set', amount }, heard)
const read = (heard: Heard) => call({ verb: 'read', amount: 0 }, heard)

test('one after the other, each explains itself', () => {
  const calls = [
    topup(10, { from: 0, to: 1, told: has(10) }),
    spend(4, { from: 2, to: 3, told: has(6) }),
    spend(7, { from: 4, to: 5, isDeclined: true }),
    read({ from: 6, to: 7, told: has(6) }),
  ]

  const explanation = explain(MODEL, calls)

  expect(explanation).toMatchObject({ kind: 'explained', order: calls })
})

test('of two at the same time, the answers tell which was first', () => {
  const [second, first] = [
    topup(10, { from: 0, to: 5, told: has(15) }),
    topup(5, { from: 1, to: 4, told: has(5) }),
  ]

  const explanation = explain(MODEL, [second, first])

  expect(explanation).toMatchObject({ kind: 'explained', order: [first, second] })
})

test('of two at the same time that were told nothing, a later read tells who was last', () => {
  const [three, four] = [set(3, { from: 0, to: 5 }), set(4, { from: 0, to: 5 })]
  const seen = (available: number) => read({ from: 6, to: 7, told: has(available) })

  const kinds = [3, 4, 7].map((amount) => explain(MODEL, [three, four, seen(amount)]).kind)

  expect(kinds).toEqual(['explained', 'explained', 'unexplained'])
})

test('a lost update is found: two spends that both saw the same balance', () => {
  const calls = [
    topup(10, { from: 0, to: 1, told: has(10) }),
    spend(3, { from: 2, to: 5, told: has(7) }),
    spend(2, { from: 3, to: 4, told: has(8) }),
  ]

  const explanation = explain(MODEL, calls)

  expect(explanation).toMatchObject({ kind: 'unexplained', state: has(8) })
})

test('a stale read is found: it began when the topup was answered, and does not show it', () => {
  const calls = [
    topup(10, { from: 0, to: 1, told: has(10) }),
    read({ from: 2, to: 3, told: has(0) }),
  ]

  const explanation = explain(MODEL, calls)

  expect(explanation).toMatchObject({
    kind: 'unexplained',
    longest: [calls[0]],
    state: has(10),
    stuckBefore: [calls[1]],
  })
})

test('a read that goes back in time is found, also while the topup still waits for its answer', () => {
  const waiting = topup(10, { from: 0, to: 9, told: has(10) })
  const [after, before] = [
    read({ from: 1, to: 2, told: has(10) }),
    read({ from: 3, to: 4, told: has(0) }),
  ]

  expect(explain(MODEL, [waiting, before]).kind).toBe('explained')
  expect(explain(MODEL, [waiting, after]).kind).toBe('explained')
  expect(explain(MODEL, [waiting, after, before]).kind).toBe('unexplained')
})

test('one request that was applied twice is found', () => {
  const calls = [topup(10, { from: 0, to: 1 }), read({ from: 2, to: 3, told: has(20) })]

  const explanation = explain(MODEL, calls)

  expect(explanation).toMatchObject({
    kind: 'unexplained',
    state: has(10),
    stuckBefore: [calls[1]],
  })
})

test('a topup that nobody heard of may appear late', () => {
  const unheard = topup(10, { from: 0, to: undefined })
  const calls = [
    unheard,
    read({ from: 1, to: 2, told: has(0) }),
    read({ from: 3, to: 4, told: has(10) }),
  ]

  const explanation = explain(MODEL, calls)

  expect(explanation).toMatchObject({ kind: 'explained', order: [calls[1], unheard, calls[2]] })
})

test('a topup that nobody heard of may never happen, but not if it is known that it did', () => {
  const unsure = topup(10, { from: 0, to: undefined })
  const sure = topup(10, { from: 0, to: undefined, mustHappen: true })
  const [empty, declined] = [
    read({ from: 1, to: 2, told: has(0) }),
    spend(1, { from: 3, to: 4, isDeclined: true }),
  ]

  expect(explain(MODEL, [unsure, empty, declined])).toMatchObject({ order: [empty, declined] })
  expect(explain(MODEL, [sure, empty, declined])).toMatchObject({ order: [empty, declined, sure] })
})

test('what happened for sure, and cannot have, is found', () => {
  const sure = spend(10, { from: 0, to: undefined, mustHappen: true })
  const small = topup(9, { from: 1, to: 2, told: has(9) })

  const explanation = explain(MODEL, [sure, small])

  expect(explanation).toMatchObject({ kind: 'unexplained', longest: [small], stuckBefore: [sure] })
})

test('of what happened for sure, as much as can be is explained', () => {
  const sure = { from: 2, to: undefined, mustHappen: true }
  const paid = topup(5, { from: 0, to: 1, told: has(5) })
  const [three, five, nine] = [set(3, sure), spend(5, sure), spend(9, sure)]

  const explanation = explain(MODEL, [paid, three, five, nine])

  expect(explanation).toMatchObject({ longest: [paid, five, three], stuckBefore: [nine] })
})

test('of two that nobody heard of, and that do the same here, the one is left that is needed later', () => {
  const unheard = { from: 0, to: undefined }
  const [topped, made] = [topup(5, unheard), set(5, unheard)]
  const [five, ten] = [
    read({ from: 1, to: 2, told: has(5) }),
    read({ from: 3, to: 4, told: has(10) }),
  ]

  const explanation = explain(MODEL, [topped, made, five, ten])

  expect(explanation).toMatchObject({ kind: 'explained', order: [made, five, topped, ten] })
})

test('very many that happened for sure, and that nobody saw, are no trouble', () => {
  const sure = { from: 0, to: undefined, mustHappen: true }
  const calls = Array.from({ length: 500 }, (_, amount) => topup(amount, sure))

  const explanation = explain(MODEL, [read({ from: 1, to: 2, told: has(0) }), ...calls])

  expect(explanation).toMatchObject({ kind: 'explained', visited: 501 })
})

test('very many that nobody heard of, and that change nothing, are no trouble', () => {
  const reads = Array.from({ length: 100 }, () => read({ from: 0, to: undefined }))
  const wrong = read({ from: 1, to: 2, told: has(1) })

  const explanation = explain(MODEL, [...reads, wrong])

  expect(explanation).toMatchObject({ kind: 'unexplained', visited: 0, stuckBefore: [wrong] })
})

test('what nobody heard of cannot happen before it was asked', () => {
  const calls = [read({ from: 0, to: 1, told: has(10) }), topup(10, { from: 2, to: undefined })]

  const explanation = explain(MODEL, calls)

  expect(explanation.kind).toBe('unexplained')
})

test('several in a row that nobody heard of explain what one does not', () => {
  const unheard = [1, 2, 4, 8].map((amount) => topup(amount, { from: 0, to: undefined }))
  const seen = (available: number) => read({ from: 1, to: 2, told: has(available) })

  expect(explain(MODEL, [...unheard, seen(13)]).kind).toBe('explained')
  expect(explain(MODEL, [...unheard, seen(16)]).kind).toBe('unexplained')
})

test('what is asked in the microsecond of an answer may come before it, and a moment later not', () => {
  const paid = topup(10, { from: 0, to: 5, told: has(10) })

  const kinds = [5, 6].map(
    (from) => explain(MODEL, [paid, read({ from, to: 9, told: has(0) })]).kind,
  )

  expect(kinds).toEqual(['explained', 'unexplained'])
})

test('what takes too long to know is said to be so, with what is known', () => {
  const coins = Array.from({ length: 20 }, (_, bit) => topup(2 ** bit, { from: 0, to: undefined }))
  const calls = [
    read({ from: 1, to: 2, told: has(0) }),
    read({ from: 3, to: 4, told: has(2 ** 21) }),
  ]

  const explanation = explain(MODEL, [...coins, ...calls], { maxVisited: 1_000 })

  expect(explanation).toMatchObject({
    kind: 'too-hard',
    visited: 1_000,
    longest: [calls[0]],
    stuckBefore: [calls[1]],
  })
})

test('an answer from before the question is refused, not judged', () => {
  const calls = [read({ from: 2, to: 1, told: has(0) })]

  expect(() => explain(MODEL, calls)).toThrow('answered before it was called: read 0 = 0,0 [2..1]')
})

/** What one client does next: when, and what it hears of it. */
interface Plan {
  readonly asked: Asked
  readonly idleUs: number
  readonly thereUs: number
  readonly backUs: number
  /** The answer, an answer without the balance, none though it happened, or none because it never did. */
  readonly fate: 'told' | 'vague' | 'sure' | 'unsure' | 'lost'
}

interface Sent {
  readonly asked: Asked
  readonly heard: Heard
}

/** Clients take turns to plan, and wait for their answers; the wallet does one thing after the other. */
function lived(plans: readonly Plan[], clients: number): Sent[] {
  const freeAtUs = Array.from({ length: clients }, () => 0)
  const timed = plans.map((plan, index) => {
    const client = index % clients
    const from = (freeAtUs[client] ?? 0) + plan.idleUs
    const at = from + plan.thereUs
    const to = at + plan.backUs
    freeAtUs[client] = to
    return { ...plan, from, at, to }
  })
  let wallet = MODEL.initial
  return timed
    .sort((one, other) => one.at - other.at)
    .map(({ asked, fate, from, to }) => {
      if (fate === 'lost') return { asked, heard: { from, to: undefined } }
      const after = changed(wallet, asked)
      wallet = after ?? wallet
      if (fate === 'unsure' || (fate === 'sure' && !after)) {
        return { asked, heard: { from, to: undefined } }
      }
      if (fate === 'sure') return { asked, heard: { from, to: undefined, mustHappen: true } }
      if (!after) return { asked, heard: { from, to, isDeclined: true } }
      return { asked, heard: fate === 'told' ? { from, to, told: after } : { from, to } }
    })
}

function callsOf(sent: readonly Sent[]): Call[] {
  return sent.map(({ asked, heard }) => call(asked, heard))
}

const timeUs = fc.integer({ min: 0, max: 4 })
const plan: fc.Arbitrary<Plan> = fc.record({
  asked: fc.record({
    verb: fc.constantFrom('topup', 'topup', 'spend', 'hold', 'free', 'set', 'read'),
    amount: fc.integer({ min: 1, max: 4 }),
  }),
  idleUs: timeUs,
  thereUs: timeUs,
  backUs: timeUs,
  fate: fc.constantFrom('told', 'told', 'told', 'told', 'vague', 'sure', 'unsure', 'lost'),
})

/** Whether this order keeps to who came before whom, and gives everybody the answer that they had. */
function isRight(order: readonly Call[], calls: readonly Call[]): boolean {
  const isInTime = order.every((one, place) =>
    order
      .slice(place + 1)
      .every((later) => later.answeredUs === undefined || later.answeredUs >= one.invokedUs),
  )
  const isWhole = calls
    .filter(({ answeredUs, mustHappen }) => answeredUs !== undefined || mustHappen)
    .every((one) => order.includes(one))
  const isOnce = new Set(order).size === order.length
  const end = order.reduce<Wallet | undefined>(
    (wallet, one) => (wallet ? one.apply(wallet) : undefined),
    MODEL.initial,
  )
  return isInTime && isWhole && isOnce && end !== undefined
}

test('what a wallet lived through is explained, by an order that is right', () => {
  fc.assert(
    fc.property(
      fc.array(plan, { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (plans, clients) => {
        const calls = callsOf(lived(plans, clients))

        const explanation = explain(MODEL, calls)

        expect(explanation.kind).toBe('explained')
        if (explanation.kind === 'explained') expect(isRight(explanation.order, calls)).toBe(true)
      },
    ),
  )
})

const error = fc.record({
  at: fc.nat({ max: 3 }),
  change: fc.constantFrom<((heard: Heard) => Heard)[]>(
    ({ told, ...heard }) => (told ? { ...heard, told: has(told.available + 1, told.held) } : heard),
    ({ told, ...heard }) => (told ? { ...heard, told: has(told.available - 2, told.held) } : heard),
    ({ isDeclined, ...heard }) => ({ ...heard, isDeclined: !isDeclined }),
    (heard) => ({ ...heard, mustHappen: true }),
    ({ from, to, ...heard }) => ({ ...heard, from: from + 6, to: to === undefined ? to : to + 6 }),
    ({ from, to, ...heard }) => ({ ...heard, from: from - 6, to: to === undefined ? to : to - 6 }),
  ),
})

/** All orders of all of them, and of fewer. */
function* ordersOf<Thing>(things: readonly Thing[]): Generator<Thing[]> {
  yield []
  for (const first of things) {
    for (const rest of ordersOf(things.filter((thing) => thing !== first))) yield [first, ...rest]
  }
}

test('of short histories, right or wrong, it says what trying all orders says', () => {
  const verdicts = { explained: 0, unexplained: 0 }
  fc.assert(
    fc.property(
      fc.array(plan, { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(error, { maxLength: 3 }),
      (plans, clients, errors) => {
        const sent = lived(plans, clients)
        for (const { at, change } of errors) {
          const wrong = sent[at]
          if (wrong) sent[at] = { ...wrong, heard: change(wrong.heard) }
        }
        const calls = callsOf(sent)

        const explanation = explain(MODEL, calls)

        const expected = ordersOf(calls).some((order) => isRight(order, calls))
          ? 'explained'
          : 'unexplained'
        verdicts[expected] += 1
        expect(explanation.kind).toBe(expected)
        if (explanation.kind === 'explained') expect(isRight(explanation.order, calls)).toBe(true)
      },
    ),
    { numRuns: 1_000 },
  )
  process.stdout.write(`orders tried: ${JSON.stringify(verdicts)}\n`)
  expect(verdicts.explained).toBeGreaterThan(200)
  expect(verdicts.unexplained).toBeGreaterThan(200)
})

const LONG = 3_000
/** Of the processor, whoever else wants it: many times what it takes on a slow one. */
const SLOWEST_MS = 1_000

/** All busy without a pause, and told the balance; of some writes nobody heard, but the books have them. */
function longHistory(clients: number, unheard: number): Sent[] {
  const random = seededRandom(1)
  const plans = Array.from({ length: LONG }, (): Plan => {
    const verb = random.pick<Asked['verb']>([
      'topup',
      'topup',
      'spend',
      'hold',
      'free',
      'read',
      'read',
    ])
    const amount = 1 + random.below(20)
    const [thereUs, backUs] = [random.below(1_000), random.below(1_000)]
    const fate = verb !== 'read' && random.chance(unheard) ? 'sure' : 'told'
    return { asked: { verb, amount }, idleUs: 0, thereUs, backUs, fate }
  })
  return lived(plans, clients)
}

test.each([
  [8, 0],
  [12, 0],
  [8, 0.05],
])(
  '3,000 operations of %i clients are judged at once (%d of them not heard of)',
  (clients, unheard) => {
    const calls = callsOf(longHistory(clients, unheard))
    const startedAt = performance.now()

    const explanation = explain(MODEL, calls)

    const ms = performance.now() - startedAt
    process.stdout.write(
      `${clients} clients, ${unheard}: ${explanation.visited} visited in ${ms.toFixed(0)} ms\n`,
    )
    expect(explanation.kind).toBe('explained')
    expect(explanation.visited).toBeLessThan(5 * LONG)
    expect(ms).toBeLessThan(SLOWEST_MS)
  },
)

test('one wrong coin late in 3,000 operations is found, and where', () => {
  const sent = longHistory(8, 0)
  const late = sent.findIndex(({ heard: { told } }, place) => place > LONG - 100 && told)
  const wrong = sent.map(({ asked, heard }, place) => {
    const { told } = heard
    if (place !== late || !told) return { asked, heard }
    return { asked, heard: { ...heard, told: has(told.available + 1, told.held) } }
  })
  const calls = callsOf(wrong)

  const explanation = explain(MODEL, calls)

  process.stdout.write(`${explanation.kind}: ${explanation.visited} visited\n`)
  expect(explanation).toMatchObject({
    kind: 'unexplained',
    stuckBefore: expect.arrayContaining([calls[late]]),
  })
})
