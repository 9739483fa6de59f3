import { availableParallelism } from 'node:os'
import { readOptions, runCommand, StartFailure } from '../../../local/failure.ts'
import { findFalseAlarms, hunt } from './hunt.ts'
import { countFailures, huntWithTests } from './hunt-with-tests.ts'
import { MUTANTS } from './list.ts'
import type { Mutant } from './mutant.ts'
import { TESTED_MUTANTS } from './tested.ts'

const HELP = `Plants one bug after the other (a mutant) into the code. The simulator has to find it or, for those that it does not
reach, the tests that are named for it. Exits with 1 if a mutant survives.

  npm run mutants                       all of them
  npm run mutants -- --name "freeze"    those whose names contain this

  --by WHAT     simulation or tests: only the mutants that it has to find
  --steps N     steps of each seed (default: 600)
  --seeds N     seeds for each mutant, at most (default: 300)
`

await runCommand(async () => {
  const options = readOptions(HELP, {
    name: { type: 'string', default: '' },
    by: { type: 'string' },
    steps: { type: 'string', default: '600' },
    seeds: { type: 'string', default: '300' },
  })
  if (!options) return
  const { by } = options
  if (by !== undefined && by !== 'simulation' && by !== 'tests') {
    throw new StartFailure('--by is simulation or tests.')
  }
  const isWanted = ({ name }: Mutant) => name.includes(options.name)
  const mutants = by === 'tests' ? [] : MUTANTS.filter(isWanted)
  const tested = by === 'simulation' ? [] : TESTED_MUTANTS.filter(isWanted)
  const count = mutants.length + tested.length
  if (count === 0) throw new StartFailure(`No mutant has "${options.name}" in its name.`)
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
  await huntWithTests(tested, 1, ({ name, tests }, isFound) => {
    if (isFound) found += 1
    const outcome = isFound ? 'found by tests       ' : 'NOT FOUND by tests   '
    console.log(`${outcome} ${name}\n${' '.repeat(22)} ${tests.join(', ')}`)
  })
  const alarms = await findFalseAlarms(seedsOfFinds, steps)
  const tests = Array.from(new Set(tested.flatMap((mutant) => mutant.tests)))
  const failures = tests.length === 0 ? 0 : await countFailures(tests)
  console.log(`\n${found} of ${count} mutants were found.`)
  if (alarms.length > 0) {
    console.log(`But seed ${alarms.join(', ')} finds something without a mutant, too.`)
  }
  if (failures > 0) console.log(`But ${failures} tests fail without a mutant, too.`)
  process.exitCode = found === count && alarms.length === 0 && failures === 0 ? 0 : 1
})
