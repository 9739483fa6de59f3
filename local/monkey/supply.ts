import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type Books, totalsOf } from './books.ts'
import type { Client } from './client.ts'
import type { Finding } from './finding.ts'
import { ask } from './read-back.ts'

export interface Supply {
  readonly inWallets: number
  readonly held: number
  readonly inTransit: number
  /** Of everything there is, the accounts of the house included: nothing comes from nowhere. */
  readonly sum: number
}

const supplyAnswer = z.object({
  inWallets: z.int(),
  held: z.int(),
  inTransit: z.int(),
  accounts: z.record(z.string(), z.int()),
})

const POLL_MS = 300

/** What the books of the monkey say that there is of its asset. Nobody else has any. */
export function expectedSupply(books: Books, asset: string): Supply {
  const totals = Array.from(books.accounts.values())
    .filter((account) => account.asset === asset)
    .map(totalsOf)
  const sum = (read: (total: (typeof totals)[number]) => number) =>
    totals.reduce((all, total) => all + read(total), 0)
  return {
    inWallets: sum(({ available, held }) => available + held),
    held: sum(({ held }) => held),
    inTransit: 0,
    sum: 0,
  }
}

/** The audit is a moment behind: waits until it says what it has to, or for so long. */
export async function checkSupply(
  client: Client,
  asset: string,
  expected: Supply,
  waitMs: number,
): Promise<Finding[]> {
  const deadline = performance.now() + waitMs
  const wanted = inWords(expected)
  for (;;) {
    const found = inWords(await readSupply(client, asset))
    if (found === wanted) return []
    if (performance.now() >= deadline) {
      const seconds = Math.round(waitMs / 1_000)
      return [{ where: asset, expected: wanted, found: `${found}, ${seconds} s later` }]
    }
    await sleep(POLL_MS)
  }
}

async function readSupply(client: Client, asset: string): Promise<Supply> {
  const { inWallets, held, inTransit, accounts } = await ask(
    client,
    `/v1/assets/${asset}/supply`,
    (answer) => supplyAnswer.safeParse(answer.json).data,
  )
  const house = Object.values(accounts).reduce((sum, amount) => sum + amount, 0)
  return { inWallets, held, inTransit, sum: inWallets + inTransit + house }
}

function inWords({ inWallets, held, inTransit, sum }: Supply): string {
  return `${inWallets} in wallets, ${held} of them held, ${inTransit} in transit, and ${sum} in all, with the house`
}
