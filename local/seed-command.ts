import { readCredentials } from './credentials.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { seed } from './seed.ts'

const HELP = `Puts assets and two wallets, alice and bob, into a running Strongbox. Safe to run twice.

  npm run seed                                   the one that \`npm start\` runs on .local/
  npm run seed -- --folder DIR                   one that keeps its data in DIR
  npm run seed -- --url URL                      another address
  npm run seed -- --token TOKEN                  with this token, of an operator with scopes
`

await runCommand(async () => {
  const options = readOptions(HELP, {
    folder: { type: 'string', default: '.local' },
    url: { type: 'string' },
    token: { type: 'string' },
  })
  if (!options) return
  const known = options.url && options.token ? undefined : readCredentials(options.folder)
  const url = (options.url ?? known?.baseUrl ?? '').replace(/\/+$/, '')
  const isUp = await fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isUp) throw new StartFailure(`No Strongbox answers at ${url}. Start one with \`npm start\`.`)
  const { topups, alreadyThere } = await seed(url, options.token ?? known?.adminToken ?? '')
  console.log(`Seeded ${url}: ${topups} balances made, ${alreadyThere} were there already.`)
})
