import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { DevCredentials } from './credentials.ts'
import { runCommand, StartFailure } from './failure.ts'

const HELP = `Runs the end-to-end tests against a Strongbox that runs already, wherever it is, and takes tokens and signatures at one
URL: \`npm start\`, or a deployment with edge=rest.

  STRONGBOX_URL=http://localhost:3000 \\
  STRONGBOX_CREDENTIALS=.local/dev-credentials.json npm run test:url

  npm run test:url -- verbs holds     some of its files only

STRONGBOX_CREDENTIALS is a file as \`npm start\` writes it: an adminToken with all scopes, tokens of the players alice and
bob, and a key that signs, with all scopes. Wallets have new names with each run, and stay there.
`

const VITEST = [
  ...['--import', './local/preflight.mjs', 'node_modules/vitest/vitest.mjs'],
  ...['run', '--config', 'vitest.by-url.config.ts'],
]

await runCommand(async () => {
  const files = process.argv.slice(2)
  if (files.includes('--help') || files.includes('-h')) {
    process.stdout.write(`${HELP}\n`)
    return
  }
  const { STRONGBOX_URL: url, STRONGBOX_CREDENTIALS: file } = process.env
  if (!url || !file) {
    const missing = url ? 'STRONGBOX_CREDENTIALS' : 'STRONGBOX_URL'
    throw new StartFailure(`The environment variable ${missing} is not set.\n\n${HELP}`)
  }
  await requireService(url.replace(/\/+$/, ''), readCredentialsFile(file))
  const vitest = spawn(process.execPath, [...VITEST, ...files], { stdio: 'inherit' })
  const [code] = await once(vitest, 'exit')
  process.exitCode = code ?? 1
})

function readCredentialsFile(file: string): DevCredentials {
  if (!existsSync(file)) {
    throw new StartFailure(`There is no file ${file}, which is what STRONGBOX_CREDENTIALS says.`)
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** One sentence here is worth more than the same failure in a thousand tests. */
async function requireService(url: string, { adminToken }: DevCredentials): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}` }
  const answer = await fetch(`${url}/v1/assets`, { headers }).catch(() => undefined)
  if (!answer) throw new StartFailure(`Nothing answers at ${url}. Start one with \`npm start\`.`)
  if (answer.ok) return
  throw new StartFailure(
    `${url}/v1/assets answers ${answer.status} to the adminToken of STRONGBOX_CREDENTIALS: ${await answer.text()}`,
  )
}
