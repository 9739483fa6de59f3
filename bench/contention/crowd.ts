import type { WalletId } from '../../lib/money/account.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import type { Process } from '../../test/simulation/process.ts'
import { openSimulated, type Simulated, topUp } from './simulated.ts'
import { topUpFromStored } from './stored-treasury.ts'

/** Users with a wallet each, who top it up once a second: all of that money comes from one treasury. */
export interface Crowd {
  readonly users: number
  readonly design: 'ours' | 'textbook'
}

export interface Crowded {
  /** Of what was wanted in a second, so many were done. */
  readonly perSecond: number
  readonly medianMs: number
  readonly busyPercent: number
}

/** Longer than a request tries. */
const SECONDS = 10
const EVERY_US = 1_000_000
const US_PER_MS = 1_000
const PERCENT = 100

type Write = (wallet: WalletId, key: string) => Promise<{ readonly kind: string }>

export async function crowd({ users, design }: Crowd): Promise<Crowded> {
  const wallets = Array.from({ length: users }, (_, user) => `player-${user}` as WalletId)
  const simulated = await openSimulated(wallets)
  const { scheduler } = simulated
  const endUs = scheduler.nowUs() + SECONDS * EVERY_US
  const tookUs: number[] = []
  let busy = 0
  for (const wallet of wallets) {
    scheduler.spawn(wallet, async (process) => {
      const write = writeOf(simulated, process, design)
      await process.effects.sleep((process.random.unit() * EVERY_US) / US_PER_MS)
      for (let count = 0; scheduler.nowUs() < endUs; count += 1) {
        const startedUs = scheduler.nowUs()
        const { kind } = await write(wallet, `${wallet} ${count}`)
        const nowUs = scheduler.nowUs()
        if (nowUs > endUs) return
        if (kind === 'posted') tookUs.push(nowUs - startedUs)
        else busy += 1
        await process.effects.sleep(Math.max(0, EVERY_US - (nowUs - startedUs)) / US_PER_MS)
      }
    })
  }
  await scheduler.run()
  const sorted = tookUs.toSorted((a, b) => a - b)
  return {
    perSecond: tookUs.length / SECONDS,
    medianMs: (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) / US_PER_MS,
    busyPercent: (busy / Math.max(1, busy + tookUs.length)) * PERCENT,
  }
}

function writeOf(
  { database, openInstance }: Simulated,
  process: Process,
  design: Crowd['design'],
): Write {
  if (design === 'ours') {
    const { ledger } = openInstance(process)
    return (wallet, key) => topUp(ledger, wallet, key)
  }
  const textbook = {
    client: database.clientOf(process),
    tableName: LEDGER_TABLE.name,
    effects: process.effects,
  }
  return (wallet, key) => topUpFromStored(textbook, wallet, key)
}
