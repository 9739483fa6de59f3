import { readFile } from 'node:fs/promises'
import { getSecret } from '@aws-lambda-powertools/parameters/secrets'
import { type ApiKeys, readApiKeys } from '../lib/http/auth/api-keys.ts'
import { busy } from '../lib/http/problem.ts'

/** Where the keys of servers are kept: the two places from which a function can read them. */
export type ReadApiKeys = () => Promise<ApiKeys>

/** A key that was revoked is good for so long, in a function that knew it. */
const KEYS_ARE_FRESH_FOR_SECONDS = 60

/** Where they cannot be read again, because Secrets Manager does not answer. */
const LAST_KEYS_ARE_GOOD_FOR_MS = 900_000

export function apiKeysFromSecret(secretId: string): ReadApiKeys {
  return parsedOnce(async () => {
    const text = await getSecret(secretId, { maxAge: KEYS_ARE_FRESH_FOR_SECONDS })
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
  return async () => {
    try {
      const text = await read()
      if (last?.text !== text) last = { text, keys: readApiKeys(text), readAt: 0 }
      last.readAt = Date.now()
    } catch (error) {
      const isGone = !last || Date.now() - last.readAt > LAST_KEYS_ARE_GOOD_FOR_MS
      if (isGone) throw busy(error)
    }
    if (!last) throw busy()
    return last.keys
  }
}
