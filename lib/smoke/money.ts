import { after, type Balance, type Change } from './balance.ts'
import { type Ask, type Diary, tell } from './diary.ts'
import type { Answer, Door, DoorRequest } from './door.ts'
import { HOLD_SECONDS } from './limits.ts'
import {
  idIn,
  readBalance,
  readChain,
  readCode,
  readEntries,
  readMovement,
  readShortfall,
  readStatus,
} from './read.ts'
import type { Requests } from './requests.ts'

export interface Money {
  readonly step: Diary['step']
  readonly door: Door
  readonly requests: Requests
  /** Whatever an earlier walk has left there. */
  readonly start: Balance
  readonly closes: boolean
}

const TOPUP = 100
const SPENT = 30
const HELD = 40
const CAPTURED = 15

/** All that is done with money. Nothing is taken on trust: the balance is read again after each step. */
export async function moveMoney({ step, door, requests, start, closes }: Money): Promise<void> {
  let now = start
  const made: string[] = []

  const balanceIs = (facts: Balance): Ask => {
    return { about: 'balance', request: requests.balance, status: 200, facts, read: readBalance }
  }
  async function move(
    name: string,
    type: string,
    request: DoorRequest,
    change: Change,
  ): Promise<Answer | undefined> {
    now = after(now, change)
    const facts = { type, ...now }
    const then = balanceIs(now)
    const answer = await step(name, () =>
      tell(door, { request, status: 201, facts, read: readMovement }, then),
    )
    made.push(entryText({ ...now, type, ...deltas(change), transactionId: idIn(answer, 'id') }))
    return answer
  }
  const isRefused = (name: string, refused: Ask) => {
    const then = balanceIs(now)
    return step(name, () => tell(door, refused, then))
  }

  const topup = requests.topup(TOPUP, 'topup')
  const first = await move('topup', 'TOPUP', topup, { available: TOPUP, held: 0 })
  await isRefused('the same topup again', {
    request: topup,
    status: 201,
    facts: { replayed: true, 'the same bytes': true },
    read: ({ headers, text }) => ({
      replayed: headers.get('idempotency-replayed') === 'true',
      'the same bytes': text === first?.text,
    }),
  })
  await isRefused('its key with another body', {
    request: requests.topup(TOPUP + 1, 'topup'),
    status: 422,
    facts: { code: 'IDEMPOTENCY_KEY_REUSED' },
    read: readCode,
  })
  // API Gateway may be the one that refuses it, in its own words.
  const stranger = { ...requests.topup(TOPUP, 'stranger'), isStranger: true }
  await isRefused('no credentials', { request: stranger, status: 401 })
  const spend = await move('spend', 'SPEND', requests.spend(SPENT, 'spend'), {
    available: -SPENT,
    held: 0,
  })
  const { available } = now
  await isRefused('overspend', {
    request: requests.spend(available + 1, 'overspend'),
    status: 402,
    facts: { code: 'INSUFFICIENT_FUNDS', available, required: available + 1 },
    read: readShortfall,
  })
  const hold = await move('hold', 'HOLD', requests.hold(HELD, HOLD_SECONDS), {
    available: -HELD,
    held: HELD,
  })
  const holdId = idIn(hold, 'holdId')
  await move('capture', 'CAPTURE', requests.capture(holdId, CAPTURED), {
    available: 0,
    held: -CAPTURED,
  })
  await move('void', 'VOID', requests.void(holdId, 'void'), {
    available: HELD - CAPTURED,
    held: CAPTURED - HELD,
  })
  await move('reverse', 'REVERSE', requests.reverse(idIn(spend, 'id')), {
    available: SPENT,
    held: 0,
  })
  const rest = now.available
  await move('empty', 'SPEND', requests.spend(rest, 'empty'), { available: -rest, held: 0 })
  await step('history', () =>
    tell(door, {
      // One more than there must be: it would be one too many, or from before.
      request: requests.entries(made.length + 1),
      status: 200,
      facts: { entries: made.toReversed() },
      read: (answer) => {
        const ours = readEntries(answer)?.filter(({ version }) => version > start.version)
        return ours && { entries: ours.map(entryText) }
      },
    }),
  )
  await step('chain', () =>
    tell(door, {
      request: requests.verify,
      status: 200,
      facts: { ok: true, entries: now.version },
      read: readChain,
    }),
  )
  if (!closes) return
  await step('close', () =>
    tell(door, {
      request: requests.close('close'),
      status: 200,
      facts: { status: 'CLOSED' },
      read: readStatus,
    }),
  )
}

interface EntryFacts {
  readonly version: number
  readonly type: string
  readonly availableDelta: number
  readonly heldDelta: number
  readonly transactionId: string
}

function deltas({ available, held }: Change) {
  return { availableDelta: available, heldDelta: held }
}

function entryText({ version, type, availableDelta, heldDelta, transactionId }: EntryFacts) {
  return `${version} ${type} ${availableDelta} ${heldDelta} ${transactionId}`
}
