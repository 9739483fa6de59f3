import { readFile } from 'node:fs/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { type ApiKeys, readApiKeys } from '../lib/http/auth/api-keys.ts'
import { madeOnce } from '../lib/http/made-once.ts'
import { busy } from '../lib/http/problem.ts'
import { openSecretsManager } from './secrets-manager.ts'

/** Where the keys of servers are kept: the two places from which a function can read them. */
export type ReadApiKeys = () => Promise<ApiKeys>

/** A key that was revoked is good for so long, in a function that knew it. */
const KEYS_ARE_FRESH_FOR_SECONDS = 60

/** Where they cannot be read again, because Secrets Manager does not answer. */
const LAST_KEYS_ARE_GOOD_FOR_MS = 900_000
/** Not every request has to wait to find out that it still does not. */
const NOT_ASKED_AGAIN_FOR_MS = 30_000

export function apiKeysFromSecret(secretId: string): ReadApiKeys {
  // Where nobody signs, nobody has to wait for it.
  const secrets = madeOnce(() => new SecretsProvider({ awsSdkV3Client: openSecretsManager() }))
  return parsedOnce(async () => {
    const text = await secrets().get(secretId, { maxAge: KEYS_ARE_FRESH_FOR_SECONDS })
    if (typeof text !== 'string') throw new Error('the secret of the API keys has no text')
    return text
  })
}

/** Read again for each request, so that a change counts at once. */
export function apiKeysFromFile(file: string): ReadApiKeys {
  return parsedOnce(() => readFile(file, 'utf8'))
}

/** Keys that cannot be read are nobody's fault who signs: the last ones serve for a while, or come again. */
function parsedOnce(read: () => Promise<string>): ReadApiKeys {
  let last: { readonly text: string; readonly keys: ApiKeys; readAt: number } | undefined
  let lastFailure = Number.NEGATIVE_INFINITY
  return async () => {
    if (last && Date.now() - lastFailure < NOT_ASKED_AGAIN_FOR_MS && isGood(last)) return last.keys
    try {
      const text = await read()
      if (last?.text !== text) last = { text, keys: readApiKeys(text), readAt: 0 }
      last.readAt = Date.now()
      return last.keys
    } catch (error) {
      lastFailure = Date.now()
      if (last && isGood(last)) return last.keys
      throw busy(error)
    }
  }
}

function isGood({ readAt }: { readonly readAt: number }): boolean {
  return Date.now() - readAt <= LAST_KEYS_ARE_GOOD_FOR_MS
}
