import { readOptions, runCommand, StartFailure } from './failure.ts'
import { seed } from './seed.ts'

const HELP = `Puts assets and two wallets, alice and bob, into a running Strongbox. Safe to run twice.

  npm run seed                                   into http://localhost:3000
  npm run seed -- --url http://localhost:4000    into another one
`

const DEFAULT_PORT = '3000'

await runCommand(async () => {
  const options = readOptions(HELP, {
    url: { type: 'string', default: `http://localhost:${process.env['PORT'] || DEFAULT_PORT}` },
  })
  if (!options) return
  const url = options.url.replace(/\/+$/, '')
  const isUp = await fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isUp) throw new StartFailure(`No Strongbox answers at ${url}. Start one with \`npm start\`.`)
  const { topups, alreadyThere } = await seed(url)
  console.log(`Seeded ${url}: ${topups} balances made, ${alreadyThere} were there already.`)
})
