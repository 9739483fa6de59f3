import { unmarshall } from '@aws-sdk/util-dynamodb'
import { expect, test } from 'vitest'
import { createContentsReader } from '../../lib/audit/contents.ts'
import { findViolations } from '../../lib/audit/invariants.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { createKnownBalances, type KnownBalances } from '../../lib/ledger/known-balances.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { transferCommand, verbCommand } from '../../lib/ledger/verbs.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import type { TransactionId } from '../../lib/money/transaction.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { GOLD } from '../support/ledger.ts'
import { createDatabase, type Database } from './dynamodb/database.ts'
import { CALM, STORM } from './dynamodb/faults.ts'
import type { Process } from './process.ts'
import { createScheduler } from './scheduler.ts'

/** Instances that stay warm in a storm, and rely on what they know however often that was wrong. */

const INSTANCES = 4
const AT_ONCE = 2
const COMMANDS = 30
const FREEZES = 20
const WALLETS = ['alice', 'bob', 'carol'] as const
type Name = (typeof WALLETS)[number]
const OTHERS: Readonly<Record<Name, readonly [Name, Name]>> = {
  alice: ['bob', 'carol'],
  bob: ['carol', 'alice'],
  carol: ['alice', 'bob'],
}

async function run(seed: number) {
  const scheduler = createScheduler({ seed })
  const database = createDatabase({ scheduler, faults: STORM })
  database.setFaults(CALM)
  database.createTable(LEDGER_TABLE)
  scheduler.spawn('setup', async (process) => {
    const asset = { code: GOLD, name: 'gold', scale: 0, active: true }
    await openFor(process, database).store.putAsset(asset)
  })
  await scheduler.run()
  database.setFaults(STORM)

  const told: string[] = []
  const memories: KnownBalances[] = []
  for (let count = 0; count < INSTANCES; count += 1) {
    scheduler.spawn(`instance ${count}`, async (process) => {
      const ledger = openFor(process, database)
      memories.push(ledger.knownBalances)
      const serve = async (lane: number) => {
        for (let n = 0; n < COMMANDS; n += 1) {
          await write(process, ledger, `key-${count}-${lane}-${n}`, told)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => serve(lane)))
    })
  }
  scheduler.spawn('operator', (process) => freezeNowAndThen(process, openFor(process, database)))
  await scheduler.run()

  const reader = createContentsReader()
  reader.add(database.items('Ledger').map((item) => unmarshall({ ...item })))
  const counts = memories.map((memory) => memory.take())
  return {
    contents: reader.contents,
    unreadable: reader.unreadable,
    told,
    hits: counts.reduce((sum, { hits }) => sum + hits, 0),
    misses: counts.reduce((sum, { misses }) => sum + misses, 0),
  }
}

function openFor(process: Process, database: Database): Ledger {
  const { effects } = process
  const client = database.clientOf(process)
  const store = openLedgerStore({ client, tableName: 'Ledger', sleep: effects.sleep })
  const memory = createKnownBalances({ now: effects.now, rightForOneWrong: 0 })
  return openLedger(store, effects, memory)
}

/** Undefined where the service is away. */
async function unlessAway<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StoreUnavailable) return undefined
    throw error
  }
}

/** One request, sent up to three times, as a client would that gets no answer. */
async function write(process: Process, ledger: Ledger, key: string, told: string[]) {
  const { random } = process
  const wallet = random.pick(WALLETS)
  const command = commandOf(process, wallet)
  for (let send = 0; send < 3; send += 1) {
    const origin = { client: 'game', idempotencyKey: key, requestId: `${key}-${send}` }
    const result = await unlessAway(() => post(ledger, command, origin))
    if (!result || result.kind === 'busy') continue
    if (result.kind !== 'posted') return
    told.push(result.transaction.id)
    const isToEnd = command.type === 'HOLD' || random.chance(0.1)
    if (isToEnd)
      await end(process, ledger, result.transaction.id, {
        walletId: wallet as WalletId,
        key: `${key}-end`,
      })
    return
  }
}

/** Takes what was held, or takes back what was done. These queue by other names than the balances that they touch. */
async function end(
  { random }: Process,
  ledger: Ledger,
  id: TransactionId,
  { walletId, key }: { readonly walletId: WalletId; readonly key: string },
) {
  const holdId = holdIdOf(id)
  const command = random.pick<Command>([
    { type: 'CAPTURE', walletId, holdId },
    { type: 'VOID', walletId, holdId },
    { type: 'REVERSE', transactionId: id, allowDebt: true },
  ])
  await unlessAway(() =>
    post(ledger, command, { client: 'game', idempotencyKey: key, requestId: key }),
  )
}

/** Changes what balances say, and not their number. */
async function freezeNowAndThen({ effects, random }: Process, ledger: Ledger) {
  for (let count = 0; count < FREEZES; count += 1) {
    const walletId = random.pick(WALLETS) as WalletId
    await unlessAway(() => setWalletStatus(ledger, walletId, 'FROZEN'))
    await effects.sleep(50)
    await unlessAway(() => setWalletStatus(ledger, walletId, 'ACTIVE'))
    await effects.sleep(500)
  }
}

function commandOf({ random }: Process, wallet: Name): Command {
  const walletId = wallet as WalletId
  const request = { walletId, asset: GOLD, amount: toAmount(1 + random.below(20)) }
  return random.pick<() => Command>([
    () => verbCommand('topup', request),
    () => verbCommand('topup', request),
    () => verbCommand('spend', request),
    () => verbCommand('spend', request),
    () => transferCommand({ ...request, to: random.pick(OTHERS[wallet]) as WalletId }),
    () => ({ ...request, type: 'HOLD', expiresInSeconds: 60 }),
  ])()
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what instances know may be wrong as often as it likes: the books are right (seed %i)',
  async (seed) => {
    const { contents, unreadable, told, hits, misses } = await run(seed)

    const ids = new Set<string>(contents.transactions.map(({ id }) => id))
    expect([...unreadable, ...findViolations(contents)]).toEqual([])
    expect(told.filter((id) => !ids.has(id))).toEqual([])
    expect(hits).toBeGreaterThan(10)
    expect(misses).toBeGreaterThan(10)
  },
)
