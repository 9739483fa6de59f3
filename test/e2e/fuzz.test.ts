import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import { openStack, type StackApi } from '../support/api.ts'
import { checkAnswer, findOperation, type GivenAnswer } from '../support/contract.ts'
import { wireBytes } from '../support/fuzz/bytes.ts'
import { type CallerPlan, knownCaller, withCaller } from '../support/fuzz/callers.ts'
import { toRequest } from '../support/fuzz/draft.ts'
import { hostileShot } from '../support/fuzz/hostile.ts'
import { nearlyValidShot } from '../support/fuzz/nearly.ts'
import { OPERATIONS } from '../support/fuzz/operations.ts'
import { send, sendBytes } from '../support/fuzz/send.ts'
import type { Shot } from '../support/fuzz/shot.ts'
import { validDraft } from '../support/fuzz/valid.ts'
import { makeWorld, type World } from '../support/fuzz/world.ts'
import { readContents } from '../support/ledger.ts'
import type { RawRequest } from '../support/sign.ts'

/**
 * 10,000 requests made from docs/openapi.json: as it says, nearly as it says, and as nobody should. The same seed
 * makes the same requests; FUZZ_SEED gives another one, to look for something new or to see a finding again.
 */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const COUNTS = { valid: 3_700, nearlyValid: 3_400, hostile: 2_750, wire: 150 }
const IN_FLIGHT = 32
const TIME_LIMIT_MS = 300_000
const SHOWN_FINDINGS = 10
/** Of a crowd on a few wallets, now and then somebody is told to come again. */
const MOST_BUSY = 20

let api: StackApi
let world: World

beforeAll(async () => {
  api = await openStack()
  world = await makeWorld(api)
})

afterAll(async () => {
  await api.stop()
})

interface Hit {
  readonly kind: string
  /** Undefined for what the document does not have. */
  readonly operation?: unknown
  readonly status: number
  readonly mustBeRefused: boolean
}

interface Finding {
  readonly what: string
  readonly why: string
}

const hits: Hit[] = []
const findings: Finding[] = []

function shots(): Shot[] {
  const valid = fc.tuple(validDraft(world), knownCaller).map(([draft, caller]): Shot => {
    return { kind: 'valid', request: toRequest(draft), caller, mustBeRefused: false }
  })
  const made = [
    ...fc.sample(valid, { seed: SEED, numRuns: COUNTS.valid }),
    ...fc.sample(nearlyValidShot(world), { seed: SEED, numRuns: COUNTS.nearlyValid }),
    ...fc.sample(hostileShot(world), { seed: SEED, numRuns: COUNTS.hostile }),
  ]
  return shuffled(made)
}

/** By the seed, too: the kinds are to meet each other. */
function shuffled<T>(items: readonly T[]): T[] {
  const [order = []] = fc.sample(
    fc.shuffledSubarray(
      items.map((_, index) => index),
      { minLength: items.length },
    ),
    { seed: SEED, numRuns: 1 },
  )
  return order.flatMap((index) => items[index] ?? [])
}

async function fire({ kind, request, caller, mustBeRefused }: Shot): Promise<void> {
  const sent = await withCaller(request, caller, api.credentials)
  const asked = { method: sent.method, path: sent.target }
  try {
    const answer = await send(api.url, sent)
    const operation = findOperation(asked)?.value['operationId']
    hits.push({ kind, operation, status: answer.status, mustBeRefused })
    checkAnswer(asked, answer)
    checkAllowed(answer, mustBeRefused)
  } catch (error) {
    findings.push({ what: described(kind, sent, caller), why: String(error) })
  }
}

function checkAllowed({ status, text }: GivenAnswer, mustBeRefused: boolean): void {
  const isOurFault = status >= 500 && !text.includes('"WALLET_BUSY"')
  if (isOurFault)
    throw new Error(`${status} is nothing that a request should be able to bring about`)
  if (mustBeRefused && status < 400)
    throw new Error(`${status}, and it is not what the document allows`)
}

function described(
  kind: string,
  { method, target, headers, body }: RawRequest,
  caller: CallerPlan,
): string {
  const shown = { ...headers, authorization: undefined }
  return [
    `${kind}, by ${JSON.stringify(caller)}`,
    `${method} ${target.slice(0, 300)}`,
    JSON.stringify(shown).slice(0, 500),
    String(body).slice(0, 500),
  ].join('\n')
}

async function fireBytes(bytes: Buffer): Promise<void> {
  try {
    const reply = await sendBytes(api.url, bytes)
    const statuses = Array.from(reply.matchAll(/^HTTP\/1\.1 (\d{3})/gm), ([, status]) =>
      Number(status),
    )
    for (const status of statuses) hits.push({ kind: 'wire', status, mustBeRefused: false })
    if (statuses.some((status) => status >= 500)) throw new Error(reply.slice(0, 500))
  } catch (error) {
    const text = bytes.toString('latin1').replaceAll(api.credentials.adminToken, 'TOKEN')
    findings.push({ what: `wire\n${text.slice(0, 500)}`, why: String(error) })
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const workers = Array.from({ length: IN_FLIGHT }, async () => {
    for (const item of rest) await work(item)
  })
  await Promise.all(workers)
}

/** How many of each kind were answered how: one line for each kind. */
function table(): string {
  const kinds = Map.groupBy(hits, ({ kind }) => kind)
  const lines = Array.from(kinds, ([kind, ofKind]) => {
    const classes = ['2', '3', '4', '5'].map((first) => {
      const count = ofKind.filter(({ status }) => String(status).startsWith(first)).length
      return `${first}xx ${String(count).padStart(4)}`
    })
    return `  ${kind.padEnd(22)} ${classes.join('   ')}`
  })
  return lines.toSorted((a, b) => a.localeCompare(b)).join('\n')
}

function shareOf(kind: string, first: string): number {
  const ofKind = hits.filter((hit) => hit.kind.startsWith(kind))
  return ofKind.filter(({ status }) => String(status).startsWith(first)).length / ofKind.length
}

describe('10,000 requests', () => {
  test(
    'are all answered as the document says, and none of them brings anything down',
    async () => {
      const startedAt = performance.now()
      await inParallel(shots(), fire)
      await inParallel(
        fc.sample(wireBytes(api.credentials.adminToken), { seed: SEED, numRuns: COUNTS.wire }),
        fireBytes,
      )

      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      process.stdout.write(`Fuzzed with FUZZ_SEED=${SEED} in ${seconds} s:\n${table()}\n`)
      const shown = findings.slice(0, SHOWN_FINDINGS).map(({ what, why }) => `${why}\n${what}`)
      expect(shown.join('\n\n'), `${findings.length} findings with FUZZ_SEED=${SEED}`).toBe('')
    },
    TIME_LIMIT_MS,
  )

  test('reach every operation, and each of them can succeed', () => {
    const succeeded = new Set(
      hits.filter(({ status }) => status < 300).map(({ operation }) => operation),
    )

    expect(OPERATIONS.map(({ name }) => name).filter((name) => !succeeded.has(name))).toEqual([])
  })

  test('have teeth: what is valid mostly happens, and what is not is mostly refused', () => {
    expect(hits.length).toBeGreaterThan(9_800)
    expect(shareOf('valid', '2')).toBeGreaterThan(0.6)
    expect(shareOf('nearly valid', '4')).toBeGreaterThan(0.5)
    expect(shareOf('nearly valid', '2')).toBeGreaterThan(0.05)
    expect(shareOf('hostile', '4')).toBeGreaterThan(0.5)
    expect(hits.filter(({ mustBeRefused }) => mustBeRefused).length).toBeGreaterThan(1_000)
    expect(hits.filter(({ status }) => status === 503).length).toBeLessThanOrEqual(MOST_BUSY)
  })

  test('leave the service alive', async () => {
    expect(await api.get('/health')).toMatchObject({ status: 200 })
    expect(await api.get('/health/ready')).toMatchObject({ status: 200 })
    expect(await api.get('/v1/wallets/alice?consistent=true')).toMatchObject({ status: 200 })
  })

  test(
    'leave every invariant of the ledger as it was',
    async () => {
      const contents = await readContents(api.stack.dynamoDb.client, api.stack.tableName)

      expect(contents.transactions.length).toBeGreaterThan(1_000)
      expect(findViolations(contents)).toEqual([])
    },
    TIME_LIMIT_MS,
  )
})
