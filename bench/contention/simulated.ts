import type { Ledger } from '../../lib/ledger/ledger.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { TREASURY, type WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { createDatabase, type Database } from '../../test/simulation/dynamodb/database.ts'
import { CALM, FAIR } from '../../test/simulation/dynamodb/faults.ts'
import type { Process } from '../../test/simulation/process.ts'
import { createScheduler, type Scheduler } from '../../test/simulation/scheduler.ts'

/** A ledger in the simulator, in fair weather: DynamoDB's rules about conflicts, its latencies, and nothing that fails. */
export interface Simulated {
  readonly scheduler: Scheduler
  readonly database: Database
  /** A function instance of its own, and how often it has tried to write. */
  readonly openInstance: (process: Process) => Instance
}

export interface Instance {
  readonly ledger: Ledger
  readonly attempts: () => number
}

export const GOLD = 'GOLD_COINS' as AssetCode
const TABLE = LEDGER_TABLE.name
const SEED = 20_261_121

/** With these wallets in it, each with enough of everything. */
export async function openSimulated(wallets: readonly WalletId[]): Promise<Simulated> {
  const scheduler = createScheduler({ seed: SEED })
  const database = createDatabase({ scheduler, faults: FAIR })
  database.createTable({ ...LEDGER_TABLE, stream: undefined })
  const openInstance = (process: Process): Instance => {
    const { sleep } = process.effects
    const store = openLedgerStore({ client: database.clientOf(process), tableName: TABLE, sleep })
    let attempts = 0
    const commit: typeof store.commit = (commit) => {
      attempts += 1
      return store.commit(commit)
    }
    return {
      ledger: openLedger({ ...store, commit }, process.effects),
      attempts: () => attempts,
    }
  }
  database.setFaults(CALM)
  scheduler.spawn('setup', async (process) => {
    const { ledger } = openInstance(process)
    await ledger.store.putAsset({ code: GOLD, name: 'Gold coins', scale: 0, active: true })
    for (const wallet of wallets) await topUp(ledger, wallet, `opens ${wallet}`)
  })
  await scheduler.run()
  database.setFaults(FAIR)
  return { scheduler, database, openInstance }
}

const AMOUNT = toAmount(250)

export function topUp(ledger: Ledger, wallet: WalletId, key: string) {
  const postings = [{ from: TREASURY, to: wallet, asset: GOLD, amount: AMOUNT }]
  const origin = { client: 'server:shop', idempotencyKey: key, requestId: key }
  return post(ledger, { type: 'TOPUP', postings }, origin)
}
