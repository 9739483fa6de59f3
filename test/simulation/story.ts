import { unmarshall } from '@aws-sdk/util-dynamodb'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { createContentsReader } from '../../lib/audit/contents.ts'
import type { LedgerContents, Violation } from '../../lib/audit/invariants.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import { addSupply, NO_CHANGE, type SupplyChange } from '../../lib/audit/supply.ts'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { sweepHolds } from '../../lib/ledger/sweep.ts'
import { transferCommand, verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../../lib/store/tables.ts'
import { GOLD } from '../support/ledger.ts'
import { deliver } from './delivery.ts'
import { createDatabase, type Database } from './dynamodb/database.ts'
import { CALM, STORM } from './dynamodb/faults.ts'
import type { Fate, Process } from './process.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'

/** The ledger, its sweeper and its audit, as they are deployed, in the worst weather there is. */

export const COMMANDS = 150
const WRITERS = 6
/** The chance that a function dies where it waits. */
const DEATHS = 0.01
const WALLETS = ['alice', 'bob', 'carol', 'dave'] as const
const NEWCOMERS = ['erin', 'frank'] as const
const MINUTE_MS = 60_000
const ROUND_US = 200_000
/** Between one function's clock and the next one's. */
const SKEW_MS = 40

export interface Story {
  readonly scheduler: Scheduler
  readonly database: Database
  readonly contents: LedgerContents
  readonly unreadable: readonly Violation[]
  /** By key: the transaction that somebody was told of. */
  readonly told: ReadonlyMap<string, string>
  /** Records of the stream that the audit put aside or could not explain: there is no reason for any. */
  readonly misjudged: readonly string[]
}

export async function tellStory(seed: number): Promise<Story> {
  const scheduler = createScheduler({ seed })
  const database = createDatabase({ scheduler, faults: STORM })
  for (const definition of [LEDGER_TABLE, AUDIT_TABLE]) database.createTable(definition)
  const told = new Map<string, string>()
  const misjudged: string[] = []
  const fate: Fate = () => (scheduler.random.chance(DEATHS) ? 'dies' : 'lives')

  database.setFaults(CALM)
  scheduler.spawn('setup', async (process) => {
    const asset = { code: GOLD, name: 'gold', scale: 0, active: true }
    await openFor(process, database).store.putAsset(asset)
  })
  await scheduler.run()
  database.setFaults(STORM)

  const delivery = startAudit(scheduler, database, { fate, misjudged })
  startSweepers(scheduler, database)
  for (let count = 0; count < COMMANDS; count += 1) {
    const writer = count % WRITERS
    scheduler.after(Math.floor(count / WRITERS) * ROUND_US, () => {
      scheduler.spawn(
        `writer ${writer}`,
        (process) => write(process, openFor(process, database), `key-${count}`, told),
        { fate, clockSkewMs: SKEW_MS * (writer - WRITERS / 2) },
      )
    })
  }
  await scheduler.run()
  database.setFaults(CALM)
  await scheduler.runFor(2 * MINUTE_MS)
  await scheduler.runUntil(delivery.isCaughtUp, { limitMs: 10 * MINUTE_MS })

  const reader = createContentsReader()
  reader.add(database.items('Ledger').map((item) => unmarshall({ ...item })))
  return {
    scheduler,
    database,
    contents: reader.contents,
    unreadable: reader.unreadable,
    told,
    misjudged,
  }
}

function openFor(process: Process, database: Database): Ledger {
  const client = database.clientOf(process)
  const { sleep } = process.effects
  return openLedger(openLedgerStore({ client, tableName: 'Ledger', sleep }), process.effects)
}

function auditFor({ effects }: Process, client: ReturnType<Database['clientOf']>): AuditTable {
  const { sleep, random } = effects
  return openAuditTable({ client, tableName: 'Audit', sleep, random })
}

/** One request; its key is sent up to three times, as a client would that gets no answer. */
async function write(process: Process, ledger: Ledger, key: string, told: Map<string, string>) {
  const command = commandOf(process)
  for (let send = 0; send < 3; send += 1) {
    try {
      const origin = { client: 'game', idempotencyKey: key, requestId: `${key}-${send}` }
      const result = await post(ledger, command, origin)
      if (result.kind === 'busy') continue
      if (result.kind === 'posted') told.set(key, result.transaction.id)
      return
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }
}

function commandOf({ random }: Process): Command {
  const walletId = random.pick(WALLETS) as WalletId
  const amount = toAmount(1 + random.below(20))
  const request = { walletId, asset: GOLD, amount }
  return random.pick<() => Command>([
    () => verbCommand('topup', request),
    () => verbCommand('topup', request),
    () => verbCommand('spend', request),
    () => transferCommand({ ...request, to: random.pick(NEWCOMERS) as WalletId }),
    () => ({ ...request, type: 'HOLD', expiresInSeconds: 1 + random.below(5) }),
  ])()
}

function startSweepers(scheduler: Scheduler, database: Database): void {
  for (const name of ['sweeper 1', 'sweeper 2']) {
    scheduler.spawn(
      name,
      async (process) => {
        const { effects } = process
        for (;;) {
          const stopAtMs = effects.now() + MINUTE_MS
          await sweepHolds(openFor(process, database), { stopAtMs, requestId: name })
          await effects.sleep(5_000)
        }
      },
      { isBackground: true },
    )
  }
}

function startAudit(
  scheduler: Scheduler,
  database: Database,
  { fate, misjudged }: { readonly fate: Fate; readonly misjudged: string[] },
) {
  const { stream } = database.table('Ledger')
  if (!stream) throw new Error('the ledger has a stream')
  return deliver({
    scheduler,
    stream,
    fate,
    name: 'audit',
    batchSize: 20,
    again: 0.1,
    async take(process, records) {
      const { effects } = process
      const client = database.clientOf(process)
      const projector = {
        ledger: openFor(process, database).store,
        table: auditFor(process, client),
        rules: allRules(DEFAULT_THRESHOLDS),
        tell: async () => {},
        tellOfWallet: async () => {},
      }
      const options = { projector, now: effects.now, sleep: effects.sleep, onParked: () => {} }
      // As the mapping filters them.
      const wanted = records.filter(({ dynamodb }) =>
        /^(B#|P$)/.test(dynamodb?.Keys?.['sk']?.S ?? ''),
      )
      if (wanted.length === 0) return []
      const { failed, parked, unexplained } = await auditRecords(options, wanted)
      misjudged.push(...unexplained.map(({ rule, reason }) => reason ?? rule))
      if (parked > 0) misjudged.push(`${parked} put aside`)
      return failed
    },
  })
}

export async function supplyOf({ scheduler, database }: Story): Promise<SupplyChange> {
  let supply = NO_CHANGE
  scheduler.spawn('reader', async (process) => {
    const table = auditFor(process, database.clientOf(process))
    const { current } = await table.readGenerations()
    supply = addSupply(supply, await table.readSupply(current, GOLD))
  })
  await scheduler.run()
  return supply
}
