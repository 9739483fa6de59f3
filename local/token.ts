import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isScope, SCOPES } from '../lib/http/caller.ts'
import { isWalletId } from '../lib/money/account.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { openIssuer, operatorToken, playerToken } from './issuer.ts'

const HELP = `Makes a token for the Strongbox that \`npm start\` runs on this machine.

  npm run token -- --player carol              carol's own wallet
  npm run token -- --operator me --scopes ops,wallet:read
  npm run token -- --player carol --expires 5m
  npm run token -- --player carol --folder DIR

Scopes: ${SCOPES.join(', ')}. Without --scopes, an operator has all of them.
`

const EXPIRES = /^\d+(?:s|m|h|d)$/

await runCommand(async () => {
  const options = readOptions(HELP, {
    player: { type: 'string' },
    operator: { type: 'string' },
    scopes: { type: 'string' },
    expires: { type: 'string', default: '1h' },
    folder: { type: 'string', default: '.local' },
  })
  if (!options) return
  const { player, operator, expires, folder } = options
  if (!player === !operator) {
    throw new StartFailure(`Say whose: --player or --operator.\n\n${HELP}`)
  }
  if (!EXPIRES.test(expires))
    throw new StartFailure(`"${expires}" is not a time such as 30s, 5m, 2h.`)
  const keyFile = join(folder, 'issuer-key.json')
  if (!existsSync(keyFile)) {
    throw new StartFailure(`There is no issuer in ${folder}. \`npm start\` makes one.`)
  }
  const issuer = await openIssuer(keyFile)
  if (player !== undefined) {
    if (options.scopes !== undefined) throw new StartFailure('A player has no scopes.')
    if (!isWalletId(player)) throw new StartFailure(`"${player}" cannot be a wallet.`)
    console.log(await playerToken(issuer, player, expires))
    return
  }
  const scopes = options.scopes?.split(',') ?? [...SCOPES]
  const unknown = scopes.filter((scope) => !isScope(scope))
  if (unknown.length > 0) throw new StartFailure(`"${unknown.join(', ')}" is no scope.\n\n${HELP}`)
  console.log(await operatorToken(issuer, operator ?? '', scopes, expires))
})
