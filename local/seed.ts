import { parseArgs } from 'node:util'
import { runCommand, StartFailure } from './failure.ts'
import { seed } from './seed-data.ts'

const HELP = `Puts assets and two wallets, alice and bob, into a running Strongbox. Safe to run twice.

  npm run seed                                   into http://localhost:3000
  npm run seed -- --url http://localhost:4000    into another one
`

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: `http://localhost:${process.env['PORT'] ?? 3000}` },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return
  }
  const isUp = await fetch(`${values.url}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isUp)
    throw new StartFailure(`No Strongbox answers at ${values.url}. Start one with \`npm start\`.`)
  const { topups, alreadyThere } = await seed(values.url)
  console.log(`Seeded ${values.url}: ${topups} balances made, ${alreadyThere} were there already.`)
})
