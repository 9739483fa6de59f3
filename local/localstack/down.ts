import { readOptions, runCommand } from '../failure.ts'
import { compose } from './docker.ts'

const HELP = `Stops LocalStack, with everything that was deployed to it.

  npm run localstack:down

The DynamoDB Local of docker-compose.yml goes on running; \`docker compose down\` stops both.
`

await runCommand(async () => {
  if (!readOptions(HELP, {})) return
  await compose('rm', '--stop', '--force', 'localstack')
})
