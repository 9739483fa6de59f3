import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DevCredentials } from '../credentials.ts'
import { runCommand, StartFailure } from '../failure.ts'
import { FOLDER } from './place.ts'
import { run } from './run.ts'

const HELP = `Runs the end-to-end tests against what \`npm run localstack:deploy\` deployed.

  npm run localstack:test
  npm run localstack:test -- verbs holds     some of their files only
`

await runCommand(async () => {
  const files = process.argv.slice(2)
  if (files.includes('--help') || files.includes('-h')) {
    process.stdout.write(`${HELP}\n`)
    return
  }
  const file = join(FOLDER, 'dev-credentials.json')
  if (!existsSync(file)) {
    throw new StartFailure('Nothing was deployed yet: npm run localstack:deploy')
  }
  const { baseUrl }: DevCredentials = JSON.parse(readFileSync(file, 'utf8'))
  const isUp = await fetch(`${baseUrl}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isUp) {
    throw new StartFailure(
      `No Strongbox answers at ${baseUrl}. What LocalStack held is gone when it stops: npm run localstack:up && npm run localstack:deploy`,
    )
  }
  process.exitCode = await run('npm', ['run', 'test:url', '--', ...files], {
    ...process.env,
    STRONGBOX_URL: baseUrl,
    STRONGBOX_CREDENTIALS: resolve(file),
  })
})
