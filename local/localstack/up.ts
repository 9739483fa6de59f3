import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { readOptions, runCommand, StartFailure } from '../failure.ts'
import { compose } from './docker.ts'
import { needsToken } from './image.ts'

const HELP = `Starts LocalStack in Docker, and waits until it answers. What it holds is gone when it stops.

  npm run localstack:up
  LOCALSTACK_IMAGE=localstack/localstack:2026.09.0 LOCALSTACK_AUTH_TOKEN=... npm run localstack:up

The first one is the last version that runs without an account; docs/localstack.md says what a newer one brings.
`

const START_TIMEOUT_SECONDS = 180

await runCommand(async () => {
  if (!readOptions(HELP, {})) return
  const { LOCALSTACK_IMAGE: image, LOCALSTACK_AUTH_TOKEN: token } = composeEnvironment()
  if (image && !token && needsToken(image)) {
    throw new StartFailure(
      `${image} ends at once without an account. Make one at https://app.localstack.cloud and set LOCALSTACK_AUTH_TOKEN, or leave LOCALSTACK_IMAGE out.`,
    )
  }
  await compose(
    'up',
    '--detach',
    '--wait',
    '--wait-timeout',
    `${START_TIMEOUT_SECONDS}`,
    'localstack',
  )
  console.log('\n  LocalStack is up. Next: npm run localstack:deploy\n')
})

/** Docker Compose reads the file, too, and believes the terminal before it. */
function composeEnvironment(): NodeJS.ProcessEnv {
  const file = '.env'
  return { ...(existsSync(file) && parseEnv(readFileSync(file, 'utf8'))), ...process.env }
}
