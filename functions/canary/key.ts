import { readFile } from 'node:fs/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { type KeptKey, readKeptKey } from '../../lib/smoke/kept-key.ts'
import { openSecretsManager } from '../secrets-manager.ts'
import { optional, setting } from '../settings.ts'

/** Read again for each walk, so that another one counts at once. */
export type ReadKey = () => Promise<KeptKey | undefined>

export function keyFromEnvironment(): ReadKey {
  const file = optional('CANARY_KEY_FILE')
  if (file) return async () => readKeptKey(await readFile(file, 'utf8'))
  const secretId = setting('CANARY_KEY_SECRET')
  const secrets = new SecretsProvider({ awsSdkV3Client: openSecretsManager() })
  return async () => {
    const text = await secrets.get(secretId, { forceFetch: true })
    if (typeof text !== 'string') throw new Error('the secret of the canary has no text')
    return readKeptKey(text)
  }
}
