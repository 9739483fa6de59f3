import * as z from 'zod/mini'
import { API_KEY_ID_PATTERN } from '../http/auth/api-keys.ts'
import type { SigningKey } from './sign.ts'

/** What one caller signs with, as that caller keeps it: in a file, or in a secret that holds nothing else. */
export interface KeptKey extends SigningKey {
  /** Of API Gateway, for a deployment that counts requests by such keys. */
  readonly usagePlanKey?: string | undefined
}

const usagePlanKey = z.optional(z.string().check(z.regex(/^[\x21-\x7e]+$/)))
const keptKey = z.strictObject({
  id: z.string().check(z.regex(API_KEY_ID_PATTERN)),
  secret: z.base64().check(z.minLength(43)),
  usagePlanKey,
})
const notYet = z.strictObject({ usagePlanKey })

/** Undefined where nobody has put one there yet. */
export function readKeptKey(text: string): KeptKey | undefined {
  const json = parsed(text)
  if (notYet.safeParse(json).success) return undefined
  const result = keptKey.safeParse(json)
  // Without the cause, which could quote the secret.
  if (!result.success) throw new Error('this is no key to sign with: {"id": …, "secret": …}')
  return result.data
}

/** The same place with another key in it. */
export function withKey(text: string, { id, secret }: SigningKey): string {
  const before = readKeptKey(text) ?? notYet.parse(parsed(text))
  return JSON.stringify({ ...before, id, secret })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
