import { post, spend } from '../costs/operations.ts'
import type { OfAudit } from '../costs/record.ts'
import { openWorkbench, type Workbench } from '../costs/workbench.ts'

/** What the audit needs for some changes that come in one call. */
export interface AuditedBatch {
  readonly changes: number
  readonly wallets: number
  readonly audited: OfAudit
}

const CHANGES = [1, 10, 100]
const ASSET = 'GOLD_COINS'
const MANY = Math.max(...CHANGES)

/** Of one wallet, and of as many wallets as there are changes. */
export async function measureBatches(databaseEndpoint: string): Promise<AuditedBatch[]> {
  const bench = await openWorkbench(databaseEndpoint)
  try {
    const asset = { name: ASSET, scale: 0 }
    await bench.send({ method: 'PUT', path: `/v1/assets/${ASSET}`, body: asset, key: ASSET })
    const players = Array.from({ length: MANY }, (_, index) => `player-${1000 + index}`)
    for (const player of players) {
      await bench.send(post(`/wallets/${player}/topup`, { asset: ASSET, amount: 100_000 }))
      // The first of a kind makes a sum that all others only add to.
      await bench.send(spend(player))
    }
    await bench.audit()
    const batches: AuditedBatch[] = []
    for (const changes of CHANGES) {
      const [one = ''] = players
      const alone = Array.from({ length: changes }, () => one)
      batches.push({ changes, wallets: 1, audited: await after(bench, alone) })
      if (changes === 1) continue
      const each = players.slice(0, changes)
      batches.push({ changes, wallets: changes, audited: await after(bench, each) })
    }
    return batches
  } finally {
    await bench.stop()
  }
}

async function after({ send, audit }: Workbench, players: readonly string[]): Promise<OfAudit> {
  for (const player of players) await send(spend(player))
  const audited = await audit()
  if (!audited) throw new Error('the audit saw nothing')
  return audited
}
