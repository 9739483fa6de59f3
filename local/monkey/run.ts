import { openDoor } from '../../lib/smoke/door.ts'
import { auditAll } from './audit.ts'
import { openBooks } from './books.ts'
import type { Choices } from './choices.ts'
import { openClient } from './client.ts'
import { type Errands, inTurns, openErrands } from './errands.ts'
import type { Check, Finding } from './finding.ts'
import type { Moment } from './live.ts'
import { letLoose } from './load.ts'
import { createMeter, type Meter } from './meter.ts'
import { openings } from './plan.ts'
import type { Load } from './report.ts'
import type { Rights } from './rights.ts'
import { saw } from './verdict.ts'
import type { World } from './world.ts'

export interface RunOptions extends Choices {
  readonly world: World
  readonly rights: Rights
  readonly isStopping: () => boolean
  readonly onMoment: (moment: Moment) => void
  readonly onProgress: (what: string, done?: number, of?: number) => void
  readonly onLoad: (load: Load) => void
}

export interface Run {
  readonly checks: readonly Check[]
  readonly transactions: number
}

const INTERNAL_ERROR = 500

/** Brings wallets to life, lets the load loose on them, and looks at everything when it is over. */
export async function runMonkey(options: RunOptions): Promise<Run> {
  const { world, onLoad } = options
  const startedAtMs = Date.now()
  const surprises: Finding[] = []
  // Only what happens under load is measured.
  const stage: { meter: Meter } = { meter: createMeter() }
  // Each request has an end of its own, and so all of them have one.
  const door = openDoor({ ...options, deadline: new AbortController().signal })
  const client = openClient(door, {
    onSend: () => stage.meter.sent(),
    onReply(reply, ms, about) {
      stage.meter.answered(reply, ms, about)
      if (reply.kind !== 'answer' || reply.status !== INTERNAL_ERROR) return
      surprises.push({ where: about, expected: 'anything but this', found: saw(reply) })
    },
    onRetry: (reason) => stage.meter.triedAgain(reason),
  })
  const books = openBooks(world)
  const errands = openErrands(world, client, books, surprises)

  await openWallets(options, errands)
  stage.meter = createMeter()
  onLoad(await letLoose({ ...options, errands, surprises, meter: stage.meter }))
  stage.meter = createMeter()
  const checks = await auditAll({ ...options, client, books, errands, surprises, startedAtMs })
  return { checks, transactions: books.transactions() }
}

async function openWallets(options: RunOptions, errands: Errands): Promise<void> {
  const { wallets, atOnce, isStopping, onProgress } = options
  let opened = 0
  await inTurns(atOnce, openings(wallets).values(), async (errand) => {
    if (isStopping()) return
    await errands.run(errand)
    opened += 1
    onProgress('opening wallets', opened, wallets)
  })
}
