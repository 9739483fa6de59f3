import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AccessRecord } from '../lib/http/access-log.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'

const HELP = `Who tried to change what, and what came of it: the access records that \`npm start\` keeps.

  npm run access -- --transaction txn_...     every try that made this transaction, or would have
  npm run access -- --request ID              the request with this X-Request-Id
  npm run access -- --caller player:alice     everything that somebody tried
  npm run access -- --json                    one JSON object on each line
  npm run access -- --folder DIR              of the stack on DIR (default: .local)

Of a deployment, they are in the functions' logs: CloudWatch has a saved query for them.
`

await runCommand(async () => {
  const options = readOptions(HELP, {
    transaction: { type: 'string' },
    request: { type: 'string' },
    caller: { type: 'string' },
    json: { type: 'boolean', default: false },
    folder: { type: 'string', default: '.local' },
  })
  if (!options) return
  const { transaction, request, caller, json, folder } = options
  const file = join(folder, 'access.jsonl')
  if (!existsSync(file)) {
    throw new StartFailure(`There are no access records in ${file}. \`npm start\` keeps them.`)
  }
  let found = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record: AccessRecord = JSON.parse(line)
    const isWanted =
      (transaction === undefined || record.transactionId === transaction) &&
      (request === undefined || record.requestId === request) &&
      (caller === undefined || record.caller === caller)
    if (!isWanted) continue
    found += 1
    console.log(json ? line : toText(record))
  }
  if (found === 0 && !json) console.log('Nothing like that was tried.')
})

function toText(record: AccessRecord): string {
  const { at, status, outcome, method, path, caller, keyId, clientIp } = record
  const { transactionId, requestId, reason } = record
  const withKey = keyId === undefined ? '' : ` with the key ${keyId}`
  const who = `${caller ?? 'an unknown caller'}${withKey} at ${clientIp}`
  return `${at}  ${status} ${outcome.padEnd(22)} ${method} ${path}  by ${who}
  ${transactionId ?? 'no transaction'}, request ${requestId}${record.replayed ? ', replayed' : ''}${reason ? `, because: ${reason}` : ''}`
}
