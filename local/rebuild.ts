import { RebuildRefused, rebuild } from '../lib/audit/rebuild.ts'
import { openAuditSource, SOURCE_OPTIONS } from './audit-source.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { endProgress, showProgress } from './progress.ts'

const HELP = `Makes all projections again, from the ledger alone: statistics, supply, statements, flags. Writes may go on
meanwhile. The old ones are read until the new ones are whole, and go then.

  npm run rebuild                          of the ledger that \`npm start\` keeps in .local/
  npm run rebuild -- --folder DIR          of the one that is kept in DIR
  npm run rebuild -- --ledger-table NAME --audit-table NAME      of tables in your AWS account
`

/** The longest that a function runs which began before the change. */
const FUNCTION_TIMEOUT_MS = 60_000

await runCommand(async () => {
  const options = readOptions(HELP, SOURCE_OPTIONS)
  if (!options) return
  const { store, projector, isLive, close } = await openAuditSource(options)
  try {
    const expected = await countBalances(store.scanBalances())
    const { balances, entries } = await rebuild({
      projector,
      balances: store.scanBalances(),
      settle: () => settle(isLive),
      onProgress: (done) => showProgress(done.balances, expected, 'balances'),
    })
    endProgress()
    console.log(`${balances} balances were projected again, from ${entries} entries.`)
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
    `The new ones are read from now on. The old ones go in ${FUNCTION_TIMEOUT_MS / 1000} s.`,
  )
  await new Promise((resolve) => setTimeout(resolve, FUNCTION_TIMEOUT_MS))
}
