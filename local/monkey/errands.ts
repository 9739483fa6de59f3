import type { DoorRequest } from '../../lib/smoke/door.ts'
import type { Books, Span } from './books.ts'
import type { Client, Told } from './client.ts'
import type { Errand } from './errand.ts'
import type { Finding } from './finding.ts'
import { kindOf } from './kinds.ts'
import { judge, type Movement, type Verdict } from './verdict.ts'
import type { World } from './world.ts'

/** Does errands, and writes down what came of them. */
export interface Errands {
  readonly run: (errand: Errand) => Promise<void>
  /** Sends again what nobody knows of yet; answers how many are left. */
  readonly settle: () => Promise<number>
  /** Sends again what was done and is planned to be asked for once more. */
  readonly repeat: (onDone: () => void) => Promise<void>
  readonly notes: Notes
}

/** What was seen on the way. */
export interface Notes {
  /** Answers to a request that was sent again, and that were not the first answer. */
  readonly replays: Finding[]
  /** How many requests were seen to have the same answer twice. */
  replayed: number
  /** How many are to be repeated. */
  readonly toRepeat: () => number
  /** What nobody knows of. */
  readonly open: () => readonly Errand[]
  /** How many of those were not answered at all, however often they were sent. */
  readonly unanswered: () => number
}

/** A request, and what came of it. */
interface Try {
  readonly errand: Errand
  readonly request: DoorRequest
  /** Whether that exists which it is about. */
  readonly isThere: boolean
  readonly told: Told
  readonly verdict: Verdict
}

interface DoneTry extends Try {
  readonly verdict: Extract<Verdict, { kind: 'done' }>
}

interface Repeatable {
  readonly errand: Errand
  readonly request: DoorRequest
  readonly text: string
}

/** As an id is written that nobody has. */
const NOBODYS = '0'.repeat(26)
const PREFIX = { hold: 'hold_', spend: 'txn_' } as const
const REPLAYED = 'idempotency-replayed'

export function openErrands(
  world: World,
  client: Client,
  books: Books,
  surprises: Finding[],
): Errands {
  /** What became of holds and spends: somebody may wait for it. */
  const subjects = new WeakMap<Errand, Promise<string | undefined>>()
  const open = new Map<string, Try>()
  const toRepeat: Repeatable[] = []
  const replays: Finding[] = []
  let unanswered = 0
  const notes: Notes = {
    ...{ replays, replayed: 0 },
    toRepeat: () => toRepeat.length,
    open: () => Array.from(open.values(), ({ errand }) => errand),
    unanswered: () => unanswered,
  }

  async function work(errand: Errand): Promise<string | undefined> {
    const subject = errand.about && (await subjects.get(errand.about))
    const isThere = errand.about === undefined || subject !== undefined
    const request = toRequest(errand, world, subject)
    const send = async (): Promise<Try> => {
      const told = await client.send(request, errand.kind)
      return { errand, request, isThere, told, verdict: judge(errand, world, told.reply, isThere) }
    }
    const tries = await Promise.all(errand.isTwin ? [send(), send()] : [send()])
    const done = tries.filter(isDone)
    const [first] = done
    if (first) noteDone(first, done)
    for (const one of tries) noteOther(one, first)
    return first && subjectIn(errand, first.verdict.movement)
  }

  function noteDone({ errand, request, told, verdict }: DoneTry, done: readonly DoneTry[]): void {
    const tolds = done.map((one) => one.told)
    books.done(errand, verdict.movement, spanOf(tolds))
    compareTwins(errand, tolds)
    if (errand.isRepeated) toRepeat.push({ errand, request, text: textOf(told) })
  }

  function noteOther(one: Try, done: Try | undefined): void {
    const { errand, told, verdict } = one
    noteSurprise(errand, verdict)
    if (verdict.kind === 'declined') noteDecline(errand, told, verdict, done?.told)
    if (verdict.kind === 'refused') {
      books.declined(errand, { name: verdict.surprise, ...lastSpan(told) })
    }
    // Where an earlier try may still be on its way, the last word has not been said.
    const isKnown = done !== undefined || (verdict.kind !== 'open' && told.isSure)
    if (isKnown) return
    open.set(errand.name, one)
    if (verdict.kind === 'open') unanswered += 1
  }

  function noteSurprise(errand: Errand, verdict: Verdict): void {
    const { surprise } = verdict.kind === 'declined' ? {} : verdict
    if (surprise === undefined) return
    surprises.push({
      where: whereIs(errand),
      expected: 'an answer that such a request may have',
      found: surprise,
    })
  }

  function noteDecline(
    errand: Errand,
    told: Told,
    { name, shortfall }: Extract<Verdict, { kind: 'declined' }>,
    done: Told | undefined,
  ): void {
    const span = lastSpan(told)
    if (done && done.receivedAt < told.sentAt) {
      const found = `${name}, after it was done`
      replays.push({ where: whereIs(errand), expected: 'the same answer as before', found })
      return
    }
    books.declined(errand, { name, ...span, ...(shortfall && { shortfall }) })
  }

  function compareTwins(errand: Errand, [first, second]: readonly Told[]): void {
    if (!first || !second) return
    notes.replayed += 1
    const where = whereIs(errand)
    if (textOf(first) !== textOf(second)) {
      replays.push({ where, expected: `twice the same: ${textOf(first)}`, found: textOf(second) })
    } else if (!isReplayed(first) && !isReplayed(second)) {
      replays.push({ where, expected: 'one of two to be a replay', found: 'none that says so' })
    }
  }

  async function settleOne(name: string): Promise<void> {
    const entry = open.get(name)
    if (!entry) return
    const { errand, told: before, isThere, request } = entry
    const told = await client.send(request, errand.kind)
    const verdict = judge(errand, world, told.reply, isThere)
    if (verdict.kind === 'open' || !told.isSure) return
    open.delete(name)
    noteSurprise(errand, verdict)
    if (verdict.kind === 'done') {
      books.done(errand, verdict.movement, {
        sentAt: before.firstSentAt,
        receivedAt: told.receivedAt,
      })
    }
    if (verdict.kind === 'declined') noteDecline(errand, told, verdict, undefined)
  }

  return {
    notes,
    run(errand) {
      const working = work(errand)
      subjects.set(errand, working)
      return working.then(() => undefined)
    },
    async settle() {
      await Promise.all(Array.from(open.keys(), settleOne))
      return open.size
    },
    async repeat(onDone) {
      const rest = toRepeat.values()
      await inTurns(AT_ONCE, rest, async ({ errand, request, text }) => {
        const told = await client.send(request, 'repeated')
        notes.replayed += 1
        const where = whereIs(errand)
        if (textOf(told) !== text) {
          replays.push({ where, expected: `as before: ${text}`, found: textOf(told) })
        } else if (!isReplayed(told)) {
          replays.push({ where, expected: 'a replay', found: 'the same, and it does not say so' })
        }
        onDone()
      })
    },
  }
}

const AT_ONCE = 20

function isDone(one: Try): one is DoneTry {
  return one.verdict.kind === 'done'
}

/** Works a list off, so many at a time. */
export async function inTurns<Thing>(
  atOnce: number,
  things: Iterator<Thing>,
  work: (thing: Thing) => Promise<void>,
): Promise<void> {
  const worker = async () => {
    for (let next = things.next(); !next.done; next = things.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

function toRequest(errand: Errand, world: World, subject: string | undefined): DoorRequest {
  const { about, ask } = kindOf(errand)
  const nobodys = about ? `${PREFIX[about]}${NOBODYS}` : ''
  const key = `monkey-${world.run}-${errand.name}`
  return { method: 'POST', key, ...ask(errand, world, subject ?? nobodys) }
}

function subjectIn({ kind }: Errand, { id, holdId }: Movement): string | undefined {
  return kind === 'hold' ? holdId : id
}

function whereIs({ name, kind }: Errand): string {
  return `errand ${name}, ${kind}`
}

function spanOf(tolds: readonly Told[]): Span {
  return {
    sentAt: Math.min(...tolds.map(({ firstSentAt }) => firstSentAt)),
    receivedAt: Math.min(...tolds.map(({ receivedAt }) => receivedAt)),
  }
}

/** Who was declined was declined by the last try: what came before it decided nothing. */
function lastSpan({ sentAt, receivedAt }: Told): Span {
  return { sentAt, receivedAt }
}

function textOf({ reply }: Told): string {
  return reply.kind === 'answer' ? reply.text : reply.reason
}

function isReplayed({ reply }: Told): boolean {
  return reply.kind === 'answer' && reply.headers.get(REPLAYED) === 'true'
}
