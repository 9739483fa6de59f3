import { NOTHING } from './balance.ts'
import { openDiary, type Step, type Told, tell } from './diary.ts'
import { type Credentials, type Door, openDoor } from './door.ts'
import { judge } from './judge.ts'
import { LONGEST_TIDYING_MS, LONGEST_WALK_MS } from './limits.ts'
import { moveMoney } from './money.ts'
import { readActive, readBalance, readCode, readStatus } from './read.ts'
import { type Requests, requestsOf, type Walker } from './requests.ts'
import { tidyUp } from './tidy.ts'

export interface WalkOptions extends Walker {
  readonly url: string
  readonly credentials: Credentials
  /** For each answer. */
  readonly timeoutMs: number
  /** Whether the wallet is closed in the end, for ever. It is emptied in any case. */
  readonly closes: boolean
  readonly onStep?: (step: Step) => void
}

export interface Walk {
  readonly isOk: boolean
  readonly steps: readonly Step[]
  readonly ms: number
}

const NOT_FOUND = 404
const IS_WELL = { status: 200, facts: { status: 'ok' }, read: readStatus }

/** Does with a Strongbox what games do, on a wallet of its own, and looks whether everything is as it has to be. */
export async function walk(options: WalkOptions): Promise<Walk> {
  const { closes, onStep = () => {} } = options
  const startedAt = performance.now()
  const requests = requestsOf(options)
  const diary = openDiary(onStep)
  const door = openDoor({ ...options, deadline: AbortSignal.timeout(LONGEST_WALK_MS) })
  const { step, steps } = diary

  await step('health', () => tell(door, { request: requests.health, ...IS_WELL }))
  await step('readiness', () => tell(door, { request: requests.ready, ...IS_WELL }), 'alone')
  await step('asset', () => findOrRegister(door, requests))
  const before = await step('balance before', () => findBalance(door, requests))
  const start = (before && readBalance(before)) ?? NOTHING
  const isUnderWay = !diary.isBroken()
  await moveMoney({ step, door, requests, start, closes })
  if (isUnderWay && diary.isBroken()) {
    const last = openDoor({ ...options, deadline: AbortSignal.timeout(LONGEST_TIDYING_MS) })
    await step('tidying up', () => tidyUp(last, requests, options), 'afterwards')
  }
  const isOk = steps.every(({ outcome }) => outcome === 'ok')
  return { isOk, steps, ms: Math.round(performance.now() - startedAt) }
}

async function findOrRegister(door: Door, { getAsset, putAsset }: Requests): Promise<Told> {
  const isActive = { status: 200, facts: { active: true }, read: readActive }
  const found = await tell(door, { request: getAsset, ...isActive })
  if (found.answer?.status !== NOT_FOUND) return found
  return tell(door, { request: putAsset, ...isActive })
}

/** A wallet comes to life with its first credit: until then, there is none. */
async function findBalance(door: Door, { balance }: Requests): Promise<Told> {
  const reply = await door.send(balance)
  const isNew = reply.kind === 'answer' && reply.status === NOT_FOUND
  const verdict = isNew
    ? judge(reply, { status: NOT_FOUND, facts: { code: 'WALLET_NOT_FOUND' }, read: readCode })
    : judge(reply, { status: 200, read: readBalance })
  return { ...verdict, answer: reply.kind === 'answer' ? reply : undefined }
}
