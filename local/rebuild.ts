import { setTimeout } from 'node:timers/promises'
import { RebuildRefused, rebuild } from '../lib/audit/rebuild.ts'
import { openAuditSource, SOURCE_HELP, SOURCE_OPTIONS } from './audit-source.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { endProgress, showProgress } from './progress.ts'

const HELP = `Makes all projections again, from the ledger alone: statistics, supply, statements, flags. Writes may go on
meanwhile. The old ones are read until the new ones are whole, and go then.

  npm run rebuild                          of the ledger that \`npm start\` keeps in .local/
  npm run rebuild -- --folder DIR          of the one that is kept in DIR

${SOURCE_HELP}

Flags are raised again, and never taken away: one of a rule that was mended since stays until somebody has looked.
`

/** Longer than a function can run that began before the change: the audit has two minutes. */
const SETTLES_WITHIN_MS = 150_000

await runCommand(async () => {
  const options = readOptions(HELP, SOURCE_OPTIONS)
  if (!options) return
  const { store, projector, isTelling, isLive, close } = await openAuditSource(options)
  try {
    const expected = await countBalances(store.scanBalances())
    const { balances, entries, broken } = await rebuild({
      projector: projector(),
      isTelling,
      now: Date.now,
      sleep: setTimeout,
      balances: store.scanBalances(),
      settle: () => settle(isLive),
      onProgress: (done) => showProgress(done.balances, expected, 'balances'),
    })
    endProgress()
    console.log(`${balances} balances were projected again, from ${entries} entries.`)
    for (const { balance, reason } of broken) console.log(`${balance}: ${reason}`)
    if (broken.length > 0) process.exitCode = 1
  } catch (error) {
    if (error instanceof RebuildRefused) throw new StartFailure(`Not done: ${error.message}.`)
    throw error
  } finally {
    await close()
  }
})

async function countBalances(pages: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0
  for await (const page of pages) count += page.length
  return count
}

async function settle(isLive: boolean): Promise<void> {
  endProgress()
  if (!isLive) return
  console.log(
    `The new ones are read from now on. The old ones go in ${SETTLES_WITHIN_MS / 1000} s.`,
  )
  await setTimeout(SETTLES_WITHIN_MS)
}
