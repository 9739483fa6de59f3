// The real thing, killed: the process of `npm start` and its DynamoDB Local are ended with SIGKILL again and again, while
// clients send, and are started again. Nothing that a client was told may be lost, half done, or done twice.
//
// DynamoDB Local says that a transaction is done a moment before it is on the disk, which AWS's DynamoDB does not. So a
// stand-in is between the two, which passes its answer on only when it is on the disk, and keeps a diary: what the
// database lost of what it had said is counted, by name, and not mixed up with what Strongbox says.
// docs/adr/0021-the-barrier.md
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { type Random, seededRandom } from '../simulation/random.ts'
import { differencesInTime } from './audit-differences.ts'
import { readLedger, seededIn } from './contents.ts'
import { findDeadLetters } from './dead-letters.ts'
import { type Life, readWord } from './diary.ts'
import { judge, replayAll } from './judge.ts'
import { keptPort } from './kept-port.ts'
import { type Door, isAcknowledged, type Load, startLoad } from './load.ts'
import { commandOf, type RealStack, startRealStack } from './real-stack.ts'

export interface KillOptions {
  readonly seed: number
  readonly kills: number
  /** After at most so many answers, each of them comes. */
  readonly answersBetween: number
  /** Off shows what DynamoDB Local loses, and that it is noticed. */
  readonly barrier: 'on' | 'off'
  /** Hears what the processes print. */
  readonly onOutput?: (output: string) => void
  readonly onKill?: (kill: string) => void
}

export type Victim = 'the API process' | 'the database' | 'both'

export interface KillReport {
  readonly seed: number
  readonly kills: Readonly<Record<Victim, number>>
  readonly whileStarting: number
  readonly orders: number
  readonly sends: number
  readonly acknowledged: number
  readonly refused: number
  /** Orders of which a send had no answer, or a 5xx: it was not known whether it was done. */
  readonly inDoubt: number
  /** Of those, the ones that turned out to have been done. */
  readonly foundDone: number
  readonly restartMs: readonly number[]
  /** Acknowledged to a client, and not in the ledger. */
  readonly lost: number
  readonly database: {
    readonly said: number
    readonly lost: number
    readonly mostLostAtOnce: number
    readonly keptAfterMs: readonly number[]
  }
  /** Empty when all is well. */
  readonly faults: readonly string[]
  readonly transactions: number
  readonly entries: number
  readonly tookMs: number
}

const CLIENTS = 6
const VICTIMS: readonly [Victim, ...Victim[]] = ['the API process', 'the database', 'both']
/** Counted, not timed, so that a slow machine is killed in the middle of as much work as a quick one. */
const MOMENT_MS = { from: 0, to: 20 }
const ANSWERS_WITHIN_MS = 30_000
const POLL_MS = 2
/** How many of those that were killed are killed once more before they are up. */
const KILLED_AT_BIRTH = 0.15
const BIRTH_MS = { from: 100, to: 2_000 }
const AUDIT_WITHIN_MS = 60_000

export async function killAgainAndAgain(options: KillOptions): Promise<KillReport> {
  const startedAt = performance.now()
  const home = await mkdtemp(join(tmpdir(), 'strongbox-chaos-'))
  const stacks = openStacks(home, await keptPort(), options)
  let load: Load | undefined
  try {
    await stacks.start()
    await stacks.untilUp()
    const door = await stacks.door()
    load = startLoad({ door, random: seededRandom(options.seed).fork('load'), clients: CLIENTS })
    const killed = await killThem(stacks, load, options)
    load.stop()
    await load.done
    const { contents, faults } = await readLedger(await stacks.database())
    const auditFaults = await auditOf(stacks, contents)
    const ids = new Set(contents.transactions.map(({ id }) => String(id)))
    const word = readWord(stacks.lives, ids)
    const verdict = judge(contents, load.writes, { others: seededIn(contents), excused: word.lost })
    const replayFaults = await replayAll(door, load.writes, new Set(verdict.lost))
    await stacks.stop()
    const verifyFaults = await verify(home)
    const { writes } = load
    return {
      ...killed,
      seed: options.seed,
      orders: writes.length,
      sends: writes.reduce((sum, { sends }) => sum + sends.length, 0),
      acknowledged: writes.filter(isAcknowledged).length,
      refused: writes.filter(({ answer }) => answer && answer.status >= 400).length,
      inDoubt: writes.filter(({ sends }) => sends.length > 1).length,
      foundDone: writes.filter((write) => isAcknowledged(write) && write.answer.replayed).length,
      lost: verdict.lost.length,
      database: {
        said: word.said,
        lost: word.lost.size,
        mostLostAtOnce: word.mostLostAtOnce,
        keptAfterMs: word.keptAfterMs,
      },
      faults: [
        ...faults,
        ...verdict.faults,
        ...verdict.lost
          .filter((id) => options.barrier === 'on' || !word.lost.has(id))
          .map((id) => `${id}: was acknowledged, and is lost`),
        ...word.faults,
        ...auditFaults,
        ...replayFaults,
        ...verifyFaults,
      ],
      transactions: contents.transactions.length,
      entries: contents.entries.length,
      tookMs: performance.now() - startedAt,
    }
  } finally {
    load?.giveUp()
    await stacks.stop()
    await rm(home, { recursive: true, force: true })
  }
}

type Stacks = ReturnType<typeof openStacks>

function openStacks(home: string, port: number, { barrier, onOutput }: KillOptions) {
  const stacks: RealStack[] = []
  const lives: Life[] = []
  const newest = () => {
    const stack = stacks.at(-1)
    if (!stack) throw new Error('nothing was started')
    return stack
  }
  return {
    lives,
    start() {
      const diary = join(home, `diary-${lives.length + 1}.jsonl`)
      const stack = startRealStack({ folder: home, port, diary, barrier })
      stack.ended.then((output) => onOutput?.(output))
      stacks.push(stack)
      lives.push({ diary, wasKilled: false })
    },
    async untilUp() {
      if ((await newest().up) === 'up') return
      throw new Error(`it does not come up again: ${await newest().ended}`)
    },
    /** Whom it has hit: a stack that is only starting may have no database yet. */
    async kill(victim: Victim): Promise<Victim | undefined> {
      const { api, java } = newest().processes()
      const wantsBoth = victim === 'both'
      const hitApi = (wantsBoth || victim === 'the API process') && killed(api)
      const hitJava = (wantsBoth || victim === 'the database') && killed(java)
      if (hitJava) markKilled(lives.at(-1))
      if (!hitApi && !hitJava) return undefined
      // Without its database, the API process ends by itself.
      await newest().ended
      if (hitApi && hitJava) return 'both'
      return hitApi ? 'the API process' : 'the database'
    },
    async door(): Promise<Door> {
      const { baseUrl, adminToken } = JSON.parse(
        await readFile(join(home, 'dev-credentials.json'), 'utf8'),
      )
      return { url: baseUrl, token: adminToken }
    },
    async database() {
      const { endpoint } = JSON.parse(await readFile(join(home, 'running.json'), 'utf8'))
      return openLocalClient(endpoint)
    },
    async stop() {
      for (const stack of stacks) stack.stop()
      await Promise.all(stacks.map(({ gone }) => gone))
    },
  }
}

function markKilled(life: Life | undefined): void {
  if (life) life.wasKilled = true
}

/** Whether it was there to be killed. */
function killed(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
    return false
  }
}

async function killThem(
  stacks: Stacks,
  { answered }: Load,
  { seed, kills, answersBetween, onKill }: KillOptions,
) {
  const random = seededRandom(seed).fork('kills')
  const counts: Record<Victim, number> = { 'the API process': 0, 'the database': 0, both: 0 }
  const restartMs: number[] = []
  let whileStarting = 0
  let done = 0
  const killOne = async (victim: Victim): Promise<boolean> => {
    const hit = await stacks.kill(victim)
    if (!hit) return false
    counts[hit] += 1
    done += 1
    stacks.start()
    return true
  }
  while (done < kills) {
    const plan = planOf(random, answersBetween)
    await untilReached(answered, answered() + plan.afterAnswers)
    await sleep(random.between(MOMENT_MS))
    const killedAt = performance.now()
    if (!(await killOne(plan.victim))) throw new Error(`${plan.victim} has ended by itself`)
    if (plan.againAfterMs !== undefined && done < kills) {
      await sleep(plan.againAfterMs)
      // What has not even begun cannot be killed.
      if (await killOne('both')) whileStarting += 1
    }
    await stacks.untilUp()
    restartMs.push(performance.now() - killedAt)
    onKill?.(`${done} of ${kills}: ${plan.victim}`)
  }
  return { kills: counts, whileStarting, restartMs }
}

function planOf(random: Random, answersBetween: number) {
  const againAfterMs = random.between(BIRTH_MS)
  return {
    afterAnswers: random.between({ from: 1, to: answersBetween }),
    victim: random.pick(VICTIMS),
    againAfterMs: random.chance(KILLED_AT_BIRTH) ? againAfterMs : undefined,
  }
}

/** Or until nobody would wait any longer: then that is the moment. */
async function untilReached(count: () => number, wanted: number): Promise<void> {
  const giveUpAt = Date.now() + ANSWERS_WITHIN_MS
  while (count() < wanted && Date.now() < giveUpAt) await sleep(POLL_MS)
}

async function auditOf(stacks: Stacks, contents: Parameters<typeof differencesInTime>[1]) {
  const client = await stacks.database()
  const table = openAuditTable({ client, tableName: AUDIT_TABLE.name })
  const found = await differencesInTime(table, contents, AUDIT_WITHIN_MS)
  return [...found, ...(await findDeadLetters(await stacks.door()))]
}

/** What `npm run verify` says of the folder, now that nothing runs on it. */
async function verify(home: string): Promise<string[]> {
  const [program = '', ...args] = commandOf('verify')
  return new Promise((resolve) => {
    execFile(program, [...args, '--folder', home], (error, stdout, stderr) => {
      const isWell = !error && stdout.includes('All invariants hold.')
      resolve(isWell ? [] : [`npm run verify: ${stdout}${stderr}`])
    })
  })
}
