import type { IncomingMessage } from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { busy } from '../problem.ts'

const ISSUER_TIMEOUT_MS = 3_000
const KEYS_ARE_FRESH_FOR_MS = 3_600_000
/** For a key that is new, or where the issuer is down: not every request has to wait to find out that it still is. */
const NOT_ASKED_AGAIN_FOR_MS = 30_000

interface Fetched {
  readonly keys: ReturnType<typeof createLocalJWKSet>
  readonly at: number
}

/** The public keys of an issuer, fetched when they are first needed, when they are old, and when one is new. */
export function keysOfIssuer(jwksUri: string): JWTVerifyGetKey {
  let last: Fetched | undefined
  let fetching: Promise<Fetched> | undefined
  let lastFailure = Number.NEGATIVE_INFINITY

  async function fetched(): Promise<Fetched> {
    const keys = createLocalJWKSet(JSON.parse(await download(jwksUri)))
    return { keys, at: Date.now() }
  }

  /** An issuer that is down is no reason to log everybody out: its last keys are still its keys. */
  async function keysNotOlderThan(ageMs: number): Promise<Fetched['keys']> {
    const isDown = Date.now() - lastFailure < NOT_ASKED_AGAIN_FOR_MS
    if (last && (isDown || Date.now() - last.at < ageMs)) return last.keys
    try {
      fetching ??= fetched().finally(() => {
        fetching = undefined
      })
      last = await fetching
    } catch (error) {
      lastFailure = Date.now()
      if (!last) throw busy(error)
    }
    return last.keys
  }

  return async (header, token) => {
    const keys = await keysNotOlderThan(KEYS_ARE_FRESH_FOR_MS)
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const newer = await keysNotOlderThan(NOT_ASKED_AGAIN_FOR_MS)
      if (newer === keys) throw error
      return newer(header, token)
    }
  }
}

const OK = 200
const HEADERS = { accept: 'application/jwk-set+json, application/json', 'user-agent': 'strongbox' }

/**
 * As the SDK sends. `fetch`, with which jose would do this, takes longer to load than half of all that a function has,
 * and so does a module `node:http`, which brings it along: only who asks an issuer on this machine needs that.
 */
async function download(uri: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { get } = uri.startsWith('https:') ? https : await import('node:http')
  // Once an hour: no connection is kept for that.
  const options = { agent: false, headers: HEADERS, signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) }
  get(uri, options, resolve).on('error', reject)
  const answer = await promise
  if (answer.statusCode !== OK) {
    answer.destroy()
    throw new Error(`the issuer answers ${answer.statusCode} when asked for its keys`)
  }
  return text(answer)
}
