import { randomUUID } from 'node:crypto'
import { ASSET_CODE_PATTERN } from '../lib/money/asset.ts'
import type { Step } from '../lib/smoke/diary.ts'
import { walk } from '../lib/smoke/walk.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { CALLER_OPTIONS, readCaller } from './smoke-caller.ts'

const HELP = `Does with a running Strongbox what games do, and looks whether everything is as it has to be: money comes in, once
however often it is asked for; it is spent, held, captured and given back; what must be refused is refused; and the
history is whole. On a wallet of its own, which is emptied and closed in the end, so it can be run anywhere.
Ends with 1, and names what was expected and what was seen, if anything is wrong.

  npm run smoke                                    the one that \`npm start\` runs on this machine
  npm run smoke -- --url URL --token-file FILE     another, with the token of an operator
  npm run smoke -- --url URL --key-file FILE       another, signing with a key: {"id": …, "secret": …}
  npm run smoke -- --url URL --key-id ID           the same, with its secret in STRONGBOX_KEY_SECRET

  --credentials FILE    what \`npm start\` has written (default: .local/dev-credentials.json)
  --asset CODE          whose money it moves (default: SMOKE); it is registered if it is not there
  --timeout SECONDS     for each answer (default: 10)

The token or the key needs the scopes wallet:read, wallet:credit, wallet:debit, wallet:reverse and wallet:admin.
Of a deployment, URL is the output TokenApiUrl or SignedApiUrl: the one door takes tokens, the other signatures. A REST
API has one for both, ApiUrl; where it has a usage plan, put a key of that into STRONGBOX_USAGE_PLAN_KEY.
`

const MAX_TIMEOUT_SECONDS = 30

await runCommand(async () => {
  const options = readOptions(HELP, {
    ...CALLER_OPTIONS,
    asset: { type: 'string', default: 'SMOKE' },
    timeout: { type: 'string', default: '10' },
  })
  if (!options) return
  const { asset } = options
  if (!ASSET_CODE_PATTERN.test(asset)) throw new StartFailure(`"${asset}" cannot be an asset.`)
  const timeoutMs = toTimeoutMs(options.timeout)
  const { url, credentials } = readCaller(options)

  const walletId = `smoke-${randomUUID()}`
  console.log(`${url}, wallet ${walletId}, asset ${asset}\n`)
  const { isOk, steps, ms } = await walk({
    ...{ url, credentials, walletId, asset, timeoutMs },
    name: walletId,
    closes: true,
    onStep: printStep,
  })
  const count = (outcome: Step['outcome']) =>
    steps.filter((step) => step.outcome === outcome).length
  const [failed, skipped] = [count('failed'), count('skipped')]
  console.log(
    isOk
      ? `\nAll ${steps.length} steps are as they have to be, in ${ms} ms.`
      : `\n${failed} of ${steps.length} steps failed, and ${skipped} were not tried. The wallet is ${walletId}.`,
  )
  process.exitCode = isOk ? 0 : 1
})

function printStep({ name, outcome, expected, seen, ms }: Step): void {
  const time = `${ms} ms`.padStart(8)
  switch (outcome) {
    case 'ok':
      console.log(`ok      ${time}  ${name}`)
      break
    case 'skipped':
      console.log(`not tried         ${name}`)
      break
    case 'failed':
      console.log(
        `FAILED  ${time}  ${name}\n        expected: ${expected}\n        seen:     ${seen}`,
      )
      break
  }
}

function toTimeoutMs(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return Math.ceil(seconds * 1000)
  throw new StartFailure(`"${text}" is no number of seconds, up to ${MAX_TIMEOUT_SECONDS}.`)
}
