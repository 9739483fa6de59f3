import { availableParallelism } from 'node:os'
import { readOptions, runCommand, StartFailure } from '../../../local/failure.ts'
import { findFalseAlarms, hunt } from './hunt.ts'
import { MUTANTS } from './list.ts'

const HELP = `Plants one mistake after the other into the ledger, and lets the simulator look for it. What it does not find, it
does not prove: so each has to be found. Ends with 1 if one is not.

  npm run mutants                       all of them
  npm run mutants -- --name "freeze"    those whose names have this in them

  --steps N     of each seed (default: 600)
  --seeds N     so many seeds at the most, for each mistake (default: 300)
`

await runCommand(async () => {
  const options = readOptions(HELP, {
    name: { type: 'string', default: '' },
    steps: { type: 'string', default: '600' },
    seeds: { type: 'string', default: '300' },
  })
  if (!options) return
  const mutants = MUTANTS.filter(({ name }) => name.includes(options.name))
  if (mutants.length === 0) throw new StartFailure(`No mistake has "${options.name}" in its name.`)
  const steps = Number(options.steps)
  const seeds = Number(options.seeds)
  if (!Number.isInteger(steps) || !Number.isInteger(seeds) || steps < 1 || seeds < 1) {
    throw new StartFailure('--steps and --seeds are numbers from 1 on.')
  }
  let found = 0
  const seedsOfFinds = new Set<number>()
  const limits = { steps, seeds, size: availableParallelism() }
  await hunt(mutants, limits, ({ name, breach, seedsTried, seed }) => {
    if (breach) found += 1
    if (seed !== undefined) seedsOfFinds.add(seed)
    const seedText = `${seedsTried} ${seedsTried === 1 ? 'seed' : 'seeds'}`
    console.log(
      breach
        ? `found after ${seedText.padEnd(9)} ${name}\n${' '.repeat(22)} seed ${seed}: ${breach.check}: ${breach.text.slice(0, 160)}`
        : `NOT FOUND in ${seedText.padEnd(9)} ${name}`,
    )
  })
  const alarms = await findFalseAlarms(seedsOfFinds, steps)
  console.log(`\n${found} of ${mutants.length} mistakes were found.`)
  if (alarms.length > 0) {
    console.log(`But seed ${alarms.join(', ')} finds something without a mistake, too.`)
  }
  process.exitCode = found === mutants.length && alarms.length === 0 ? 0 : 1
})
