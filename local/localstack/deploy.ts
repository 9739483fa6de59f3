import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { keepApiKeys, makeCredentials, writeCredentials } from '../credentials.ts'
import { readOptions, runCommand, StartFailure } from '../failure.ts'
import { openIssuer } from '../issuer.ts'
import { seed } from '../seed.ts'
import { deployWithCdk, OUTPUTS_FILE } from './cdk.ts'
import { publishIssuerKey, requireIssuerKeys } from './issuer-keys.ts'
import { readOutputs } from './outputs.ts'
import { FOLDER, LOCALSTACK_CLIENT, LOCALSTACK_URL } from './place.ts'
import { LOCALSTACK_SETTINGS } from './settings.ts'

const HELP = `Deploys Strongbox to the LocalStack that \`npm run localstack:up\` started.

  npm run localstack:deploy

It trusts an issuer that this machine can sign for, and one API key; tokens and keys are in ${FOLDER}.
Alice and bob get coins to play with.
`

await runCommand(async () => {
  if (!readOptions(HELP, {})) return
  await requireLocalStack()

  const issuer = await openIssuer(join(FOLDER, 'issuer-key.json'))
  await publishIssuerKey(issuer.publicJwk)
  await requireIssuerKeys()

  await deployWithCdk(LOCALSTACK_SETTINGS)
  const { url, apiKeysSecretArn } = readOutputs(readFileSync(OUTPUTS_FILE, 'utf8'))

  const keysFile = join(FOLDER, 'api-keys.json')
  const key = await keepApiKeys(keysFile)
  await putApiKeys(apiKeysSecretArn, readFileSync(keysFile, 'utf8'))

  const credentials = await makeCredentials(url, issuer, key)
  const files = writeCredentials(FOLDER, credentials)
  await seed(url, credentials.adminToken)
  console.log(`
  Strongbox is at ${url}
  Tokens are in ${files.credentials}; the .auth files beside it are for curl.

  Let alice spend 30 gold coins:
     curl ${url}/v1/wallets/alice/spend -H @${files.alice} -H 'Content-Type: application/json' \\
       -H 'Idempotency-Key: my-first-spend' -d '{"asset":"GOLD_COINS","amount":30}'

  Test it from outside:  npm run localstack:test
`)
})

async function requireLocalStack(): Promise<void> {
  const isUp = await fetch(`${LOCALSTACK_URL}/_localstack/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isUp) {
    throw new StartFailure(
      `LocalStack does not answer at ${LOCALSTACK_URL}. Start it with npm run localstack:up.`,
    )
  }
}

/** Those of the file, whatever was put there in between: a LocalStack that starts afresh has none. */
async function putApiKeys(SecretId: string, SecretString: string): Promise<void> {
  const client = new SecretsManagerClient(LOCALSTACK_CLIENT)
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }))
}
