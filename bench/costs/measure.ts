import { setTimeout } from 'node:timers/promises'
import {
  GEMS,
  GOLD,
  type Operation,
  type Prepared,
  post,
  READS,
  spend,
  WRITES,
} from './operations.ts'
import type { Batch, Costs, Measured, OfRun } from './record.ts'
import { openWorkbench, SCHEDULED, type Workbench } from './workbench.ts'

/** As many records as one call of the audit gets. */
const BATCH = 100
const HISTORY = 60
const HOLDS = 12
const READY_FOR_MS = 1_100
const HISTORIC = 'player-7'

/** Everything that is measured, on a ledger of its own. */
export async function measureAll(
  databaseEndpoint: string,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Pick<Costs, 'operations' | 'batches' | 'runs'>> {
  const bench = await openWorkbench(databaseEndpoint)
  try {
    const prepared = await prepare(bench)
    const operations: Measured[] = []
    const all = [...WRITES, ...READS]
    for (const operation of all) {
      onProgress(operations.length, all.length)
      operations.push(await measureOne(bench, prepared, operation))
    }
    const batches = await measureBatches(bench, prepared)
    return { operations, batches, runs: await measureRuns(bench) }
  } finally {
    await bench.stop()
  }
}

async function measureOne(
  bench: Workbench,
  prepared: Prepared,
  { name, prepare }: Operation,
): Promise<Measured> {
  const request = await prepare(prepared)
  await bench.audit()
  const measured = await bench.measure(request)
  return { name, request: measured, audit: await bench.audit() }
}

/** Two assets and the functions warm, so that nothing is measured that happens once only. */
async function prepare(bench: Workbench): Promise<Prepared> {
  const { send } = bench
  for (const code of [GOLD, GEMS]) {
    await send({
      method: 'PUT',
      path: `/v1/assets/${code}`,
      body: { name: code, scale: 0 },
      key: code,
    })
  }
  let wallets = 0
  const openWallet = async () => {
    wallets += 1
    const walletId = `player-${1000 + wallets}`
    await send(post(`/wallets/${walletId}/topup`, { asset: GOLD, amount: 25_000 }))
    await send(spend(walletId))
    return walletId
  }
  await makeHistory(send)
  await bench.audit()
  return { send, openWallet, historic: HISTORIC }
}

async function makeHistory(send: Workbench['send']): Promise<void> {
  for (const asset of [GOLD, GEMS]) {
    await send(post(`/wallets/${HISTORIC}/topup`, { asset, amount: 1_000_000 }))
  }
  for (let count = 0; count < HISTORY; count += 1) await send(spend(HISTORIC))
  for (let count = 0; count < HOLDS; count += 1) {
    await send(post(`/wallets/${HISTORIC}/holds`, { asset: GOLD, amount: 250 }))
  }
}

async function measureRuns({ run }: Workbench): Promise<Record<string, OfRun>> {
  // The first walk of the canary registers its asset, and the first of a day opens a wallet.
  await run.canary()
  // From one walk to the next, the readiness that it asks for is found out anew: lib/http/ready.ts.
  await setTimeout(READY_FOR_MS)
  const runs: Record<string, OfRun> = {}
  for (const name of SCHEDULED) runs[name] = await run[name]()
  return runs
}

async function measureBatches(bench: Workbench, { openWallet, send }: Prepared): Promise<Batch[]> {
  const players: string[] = []
  for (let count = 0; count < BATCH; count += 1) players.push(await openWallet())
  await bench.audit()
  const many = await afterSpends(bench, players)
  const [first = ''] = players
  await send(post(`/wallets/${first}/topup`, { asset: GOLD, amount: 100_000 }))
  await bench.audit()
  const one = await afterSpends(
    bench,
    players.map(() => first),
  )
  return [
    { name: `${BATCH} spends of ${BATCH} wallets`, ...many },
    { name: `${BATCH} spends of one wallet`, ...one },
  ]
}

async function afterSpends({ send, audit }: Workbench, players: readonly string[]) {
  for (const player of players) await send(spend(player))
  const audited = await audit()
  if (!audited) throw new Error('the audit saw nothing')
  return audited
}
