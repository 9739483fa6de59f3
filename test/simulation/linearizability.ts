import { createWaitingList, type Waiting, type WaitingList } from './waiting-list.ts'

/** What somebody asked of an object, and was told, while others did the same. */
export interface Operation<State> extends Span {
  /** For whoever reads the explanation. */
  readonly name: string
  /** Nobody heard an answer, and still it is known to have taken effect. */
  readonly mustHappen?: boolean
  /** Leaves every state as it is. */
  readonly isRead?: boolean
  /** The state after it, if it could have answered as it did in this state; undefined where it could not. */
  readonly apply: (state: State) => State | undefined
}

export interface Span {
  readonly invokedUs: number
  /** Undefined: nobody heard an answer. It may take effect at any time after, or never. */
  readonly answeredUs: number | undefined
}

export interface Model<State> {
  readonly initial: State
  /** One key for two states exactly if no operation can tell them apart. */
  readonly keyOf: (state: State) => string
}

export type Explanation<State, Op> =
  /** One after the other, in this order, they would have been answered as they were. */
  | { readonly kind: 'explained'; readonly order: readonly Op[]; readonly visited: number }
  /** There is no such order. */
  | ({ readonly kind: 'unexplained'; readonly visited: number } & DeadEnd<State, Op>)
  /** Nobody knows: the bound was reached first. */
  | ({ readonly kind: 'too-hard'; readonly visited: number } & DeadEnd<State, Op>)

export interface DeadEnd<State, Op> {
  /** The most that one order explains. */
  readonly longest: readonly Op[]
  /** After it. */
  readonly state: State
  /** Of these one would have to be next; where there is no order, none fits. The one answered first is first. */
  readonly stuckBefore: readonly Op[]
}

export interface Bounds {
  /** How often an operation may be placed. */
  readonly maxVisited?: number
}

const MAX_VISITED = 200_000

/**
 * Whether one order of operations explains what all were told: each takes effect at one moment between its call and
 * its answer. One that is called in the very microsecond in which another is answered may come before it: they are
 * concurrent.
 *
 * This is Wing and Gong's search, with Lowe's memory of where it has been: it places one operation after the other, of
 * those that can be next, and steps back where none fits. What nobody heard of can be next for ever, so that there are
 * very many ways to place it: first none is placed, then one in a row, then two. Leave out what cannot matter, such as
 * a read that nobody heard.
 */
export function explain<State, Op extends Operation<State>>(
  model: Model<State>,
  operations: readonly Op[],
  { maxVisited = MAX_VISITED }: Bounds = {},
): Explanation<State, Op> {
  const impossible = operations.find((operation) => !(deadlineOf(operation) >= operation.invokedUs))
  if (impossible) throw new Error(`answered before it was called: ${impossible.name}`)

  const search = createSearch(model, operations, maxVisited)
  for (let maxInRow = 0; ; maxInRow += 1) {
    const explanation = search(maxInRow)
    if (explanation) return explanation
  }
}

/** Undefined where more in a row that nobody heard of might still explain it. */
type Search<State, Op> = (maxInRow: number) => Explanation<State, Op> | undefined

/** An operation that fits. */
interface Choice<State, Op> extends Waiting<Op> {
  readonly from: WaitingList<Op>
  /** After it. */
  readonly state: State
  readonly stateKey: string
}

/** Where the search is: after a choice, or at the start, and what can be next. */
interface Step<State, Op> {
  readonly made: Choice<State, Op> | undefined
  readonly state: State
  /** How many that nobody heard of were placed since the last that somebody did. */
  readonly inRow: number
  readonly choices: Iterator<Choice<State, Op>, undefined>
}

function createSearch<State, Op extends Operation<State>>(
  { initial, keyOf }: Model<State>,
  operations: readonly Op[],
  maxVisited: number,
): Search<State, Op> {
  const byCall = operations.toSorted((one, other) => one.invokedUs - other.invokedUs)
  const unheard = byCall.filter((operation) => !isAnswered(operation))
  const answered = createWaitingList(byCall.filter(isAnswered))
  const sure = createWaitingList(unheard.filter(({ mustHappen }) => mustHappen === true))
  const unsure = createWaitingList(unheard.filter(({ mustHappen }) => mustHappen !== true))
  let visited = 0
  let fewestLeft = Number.POSITIVE_INFINITY
  let deadEnd: DeadEnd<State, Op> = { longest: [], state: initial, stuckBefore: [] }

  function* fitting(from: WaitingList<Op>, waiting: Iterable<Waiting<Op>>, before: State) {
    for (const { place, thing } of waiting) {
      const state = thing.apply(before)
      if (state !== undefined) yield { from, place, thing, state, stateKey: keyOf(state) }
    }
  }

  function* choicesAfter(before: State): Generator<Choice<State, Op>, undefined> {
    const beforeKey = keyOf(before)
    const open = openOf(answered)
    const heard = Array.from(fitting(answered, open, before))
    // What only reads, and fits, may as well be next: it is in nobody's way, and nothing needs it later.
    const read = heard.find(({ thing }) => thing.isRead === true)
    if (read) {
      yield read
      return undefined
    }
    // First what changes nothing: it is in nobody's way.
    yield* heard.filter(({ stateKey }) => stateKey === beforeKey)
    yield* heard.filter(({ stateKey }) => stateKey !== beforeKey)

    const lastCallUs = lastCallOf(open)
    yield* fitting(sure, calledUntil(lastCallUs, sure), before)
    for (const choice of fitting(unsure, calledUntil(lastCallUs, unsure), before)) {
      // It need not be, and to leave it for later takes nothing away.
      if (choice.stateKey !== beforeKey) yield choice
    }
  }

  function rememberDeadEnd(path: readonly Step<State, Op>[], { state }: Step<State, Op>): void {
    const isTail = answered.count() === 0
    const left = isTail ? sure.count() : operations.length + answered.count()
    if (left >= fewestLeft) return
    fewestLeft = left
    const stuck = isTail ? Array.from(sure.waiting()) : openOf(answered)
    deadEnd = { longest: orderOf(path), state, stuckBefore: stuck.map(({ thing }) => thing) }
  }

  function endAt(path: readonly Step<State, Op>[], step: Step<State, Op>) {
    const isExplained = answered.count() === 0 && sure.count() === 0
    if (isExplained) return { kind: 'explained', order: orderOf(path), visited } as const
    if (visited < maxVisited) return
    rememberDeadEnd(path, step)
    return { kind: 'too-hard', visited, ...deadEnd } as const
  }

  return (maxInRow) => {
    /** What is placed, and the state. A row that was cut short there is longer in the next search. */
    const seen = new Set<string>()
    const path: Step<State, Op>[] = []
    let isCut = false

    function enter(made: Choice<State, Op>, { inRow: before }: Step<State, Op>): void {
      made.from.take(made.place)
      const key = `${answered.key()} ${sure.key()} ${unsure.key()} ${made.stateKey}`
      if (seen.has(key)) {
        made.from.putBack(made.place)
        return
      }
      seen.add(key)
      visited += 1
      const inRow = made.from === answered ? 0 : before + 1
      path.push({ made, state: made.state, inRow, choices: choicesAfter(made.state) })
    }

    function leave(step: Step<State, Op>): void {
      rememberDeadEnd(path, step)
      step.made?.from.putBack(step.made.place)
      path.pop()
    }

    path.push({ made: undefined, state: initial, inRow: 0, choices: choicesAfter(initial) })
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const end = endAt(path, step)
      if (end) return end
      const { value: choice } = step.choices.next()
      // Behind the last answer may be many in a row.
      const isFull = step.inRow === maxInRow && answered.count() > 0
      if (!choice) leave(step)
      else if (isFull && choice.from !== answered) isCut = true
      else enter(choice, step)
    }
    return isCut ? undefined : { kind: 'unexplained', visited, ...deadEnd }
  }
}

/** Those that can be next: none that is left was answered before they were called. The first answered is first. */
function openOf<Op extends Span>(answered: WaitingList<Op>): Waiting<Op>[] {
  const open: Waiting<Op>[] = []
  let lastCallUs = Number.POSITIVE_INFINITY
  for (const waiting of answered.waiting()) {
    if (waiting.thing.invokedUs > lastCallUs) break
    lastCallUs = Math.min(lastCallUs, deadlineOf(waiting.thing))
    open.push(waiting)
  }
  return open.sort((one, other) => deadlineOf(one.thing) - deadlineOf(other.thing))
}

/** What is called later has to wait until the first of these is placed. */
function lastCallOf<Op extends Span>([first]: readonly Waiting<Op>[]): number {
  return first ? deadlineOf(first.thing) : Number.POSITIVE_INFINITY
}

function* calledUntil<Op extends Span>(lastCallUs: number, list: WaitingList<Op>) {
  for (const waiting of list.waiting()) {
    if (waiting.thing.invokedUs > lastCallUs) return
    yield waiting
  }
}

function orderOf<State, Op>(path: readonly Step<State, Op>[]): Op[] {
  return path.flatMap(({ made }) => (made ? [made.thing] : []))
}

function isAnswered({ answeredUs }: Span): boolean {
  return answeredUs !== undefined
}

function deadlineOf({ answeredUs }: Span): number {
  return answeredUs ?? Number.POSITIVE_INFINITY
}
