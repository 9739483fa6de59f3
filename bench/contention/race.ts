import type { WalletId } from '../../lib/money/account.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import type { Policy } from './policies.ts'
import { type Instance, openSimulated, topUp } from './simulated.ts'

/** Many who write into one wallet, each as soon as its last write is done. */
export interface Race {
  readonly writers: number
  readonly policy: Policy
  /** Whether all of them are served by one function instance, with its queue. */
  readonly isOneInstance?: boolean
}

export interface Raced {
  readonly perSecond: number
  readonly attemptsPerSuccess: number
  /** How long those took that were done, in order. */
  readonly tookMs: readonly number[]
  /** Of 100 requests that were answered. */
  readonly busyPercent: number
  /** What the one got done that got least, of what all got in the mean: 1 if all got the same. */
  readonly slowestShare: number
}

/** Some times longer than a request tries: who gets nothing in so long is left out, and has not just had bad luck. */
const SECONDS = 60
const US_PER_SECOND = 1_000_000
const US_PER_MS = 1_000
const PERCENT = 100
const WALLET = 'guild' as WalletId

export async function race({ writers, policy, isOneInstance = false }: Race): Promise<Raced> {
  const { scheduler, openInstance } = await openSimulated([WALLET])
  const endUs = scheduler.nowUs() + SECONDS * US_PER_SECOND
  const done = Array.from({ length: writers }, () => 0)
  const tookMs: number[] = []
  const instances: Instance[] = []
  let busy = 0

  async function write(writer: number, instance: Instance): Promise<void> {
    for (let count = 0; scheduler.nowUs() < endUs; count += 1) {
      const startedUs = scheduler.nowUs()
      const ledger = policy.forRequest(instance.ledger)
      const kind = await kindOf(topUp(ledger, WALLET, `${writer} ${count}`))
      if (scheduler.nowUs() > endUs) return
      if (kind === 'posted') {
        done[writer] = (done[writer] ?? 0) + 1
        tookMs.push((scheduler.nowUs() - startedUs) / US_PER_MS)
      } else if (kind === 'busy') {
        busy += 1
      } else {
        throw new Error(`a top-up was ${kind}`)
      }
    }
  }

  if (isOneInstance) {
    scheduler.spawn('instance', async (process) => {
      const instance = openInstance(process)
      instances.push(instance)
      await Promise.all(done.map((_, writer) => write(writer, instance)))
    })
  } else {
    for (const writer of done.keys()) {
      scheduler.spawn(`writer ${writer}`, async (process) => {
        const instance = openInstance(process)
        instances.push(instance)
        await write(writer, instance)
      })
    }
  }
  await scheduler.run()
  const attempts = instances.reduce((sum, instance) => sum + instance.attempts(), 0)
  return {
    perSecond: tookMs.length / SECONDS,
    attemptsPerSuccess: attempts / tookMs.length,
    tookMs: tookMs.toSorted((a, b) => a - b),
    busyPercent: (busy / (busy + tookMs.length)) * PERCENT,
    slowestShare: Math.min(...done) / (tookMs.length / writers),
  }
}

/** A caller is told to come again, whoever is too busy: the wallet, or the partition of the table that it is in. */
async function kindOf(sent: Promise<{ readonly kind: string }>): Promise<string> {
  try {
    return (await sent).kind
  } catch (error) {
    if (error instanceof StoreUnavailable) return 'busy'
    throw error
  }
}
