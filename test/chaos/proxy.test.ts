import { expect, test } from 'vitest'
import { showStorm } from './show.ts'
import { ordersInAStorm } from './storm.ts'

const SEED = 21
/** As many as the least that meet every fault; `npm run chaos` sends some times more. */
const ORDERS_OF_EACH = 12
const TIMEOUT_MS = 600_000

test(
  'whatever becomes of requests and answers between the SDK and DynamoDB, no key moves money twice, and nothing is lost',
  async () => {
    const report = await ordersInAStorm({ seed: SEED, ordersOfEach: ORDERS_OF_EACH })

    process.stdout.write(showStorm(report))
    expect(report.faults).toEqual([])
    expect(report.lost).toBe(0)
    expect(report.acknowledged).toBeGreaterThan(report.orders / 2)
  },
  TIMEOUT_MS,
)
