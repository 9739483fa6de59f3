import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { SCOPES, type Scope } from '../caller.ts'
import { madeOnce } from '../made-once.ts'

/**
 * The keys that servers sign their requests with. Idempotency keys belong to the owner of a key, so that a key can be
 * replaced by one with another name. A key never changes its name or its owner.
 */

export const API_KEY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const SECRET_BYTES = 32
/** One that is in use, and one that is taking its place. */
const MAX_SECRETS = 2

const apiKey = madeOnce(() =>
  z
    .strictObject({
      id: z.string().check(z.regex(API_KEY_ID_PATTERN)),
      /** Left out where the key is its own owner: see `ownerOf`. */
      owner: z.optional(z.string().check(z.regex(API_KEY_ID_PATTERN))),
      scopes: z.array(z.enum(SCOPES)).check(z.minLength(1)),
      /** Newest first. */
      secrets: z
        .array(
          z.strictObject({
            secret: z.base64().check(z.minLength(43)),
            createdAt: z.iso.datetime(),
          }),
        )
        .check(z.maxLength(MAX_SECRETS)),
      createdAt: z.iso.datetime(),
      revokedAt: z.optional(z.iso.datetime()),
    })
    .check(z.refine(({ secrets, revokedAt }) => revokedAt === undefined || secrets.length === 0)),
)

const apiKeys = madeOnce(() =>
  z.strictObject({
    version: z.literal(1),
    keys: z.array(apiKey()).check(z.refine(haveOwnNames)),
  }),
)

function haveOwnNames(keys: readonly { readonly id: string }[]): boolean {
  return new Set(keys.map(({ id }) => id)).size === keys.length
}

export type ApiKey = z.output<ReturnType<typeof apiKey>>
export type ApiKeys = z.output<ReturnType<typeof apiKeys>>

export const NO_API_KEYS: ApiKeys = { version: 1, keys: [] }

export function readApiKeys(text: string): ApiKeys {
  const result = apiKeys().safeParse(parsed(text))
  // Without the cause: what a parser says of a text can quote it, and this one is made of secrets.
  if (!result.success) throw new Error('the API keys are not what they should be')
  return result.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Why a change of the keys cannot be made; for the person who asked for it. */
export class ApiKeyRefusal extends Error {
  override name = 'ApiKeyRefusal'
}

/** The name that idempotency keys, rate limits and access records of a key belong to. */
export function ownerOf({ id, owner }: Pick<ApiKey, 'id' | 'owner'>): string {
  return owner ?? id
}

/** Those that were revoked, too: the idempotency keys that they have used stay used. */
export function keysOfOwner({ keys }: ApiKeys, owner: string): ApiKey[] {
  return keys.filter((key) => ownerOf(key) === owner)
}

interface Changed {
  readonly keys: ApiKeys
  readonly key: ApiKey
}

interface NewKey {
  readonly id: string
  /** The key itself, unless it is given. */
  readonly owner?: string | undefined
  readonly scopes: readonly Scope[]
  readonly at: Date
}

export function createApiKey(keys: ApiKeys, { id, owner, scopes, at }: NewKey): Changed {
  checkName(id)
  if (owner !== undefined) checkName(owner)
  if (scopes.length === 0) throw new ApiKeyRefusal('A key needs at least one scope.')
  const known = keys.keys.find((key) => key.id === id)
  if (known) {
    const when = known.revokedAt ? ` and was revoked at ${known.revokedAt}` : ''
    throw new ApiKeyRefusal(
      `${id} is there already${when}. A name is used once, for ever. To replace the key, create one with another name and --owner ${ownerOf(known)}.`,
    )
  }
  checkOwner(keys, id, owner)
  const key: ApiKey = {
    id,
    ...(owner !== undefined && owner !== id && { owner }),
    scopes: [...scopes],
    secrets: [newSecret(at)],
    createdAt: at.toISOString(),
  }
  return { keys: { ...keys, keys: [...keys.keys, key] }, key }
}

function checkName(name: string): void {
  if (API_KEY_ID_PATTERN.test(name)) return
  throw new ApiKeyRefusal(
    'A name is 1 to 64 letters, digits or . _ - and begins with a letter or a digit.',
  )
}

/** Keeps an owner from being shared by accident, and from being mistaken for a key that has another owner. */
function checkOwner(keys: ApiKeys, id: string, owner: string | undefined): void {
  const sharing = keysOfOwner(keys, id)
  if (sharing.length > 0 && owner !== id) {
    const names = sharing.map((key) => key.id).join(', ')
    throw new ApiKeyRefusal(
      `${id} is already the owner of ${names}. Choose another name for the new key, or say --owner ${id} to share the idempotency keys of that owner.`,
    )
  }
  const namesake = keys.keys.find((key) => key.id === owner)
  if (namesake && ownerOf(namesake) !== owner) {
    const actual = ownerOf(namesake)
    throw new ApiKeyRefusal(
      `The key ${owner} belongs to the owner ${actual}. Say --owner ${actual} to share the idempotency keys of that owner, or choose another owner.`,
    )
  }
}

/** A second secret beside the first; both are good until the rotation is finished. */
export function rotateApiKey(keys: ApiKeys, { id, at }: { id: string; at: Date }): Changed {
  return change(keys, id, (key) => {
    if (key.secrets.length >= MAX_SECRETS) {
      throw new ApiKeyRefusal(`${id} has two secrets already. Finish that rotation first.`)
    }
    return { ...key, secrets: [newSecret(at), ...key.secrets] }
  })
}

/** From now on, only the newest secret is good. */
export function finishRotation(keys: ApiKeys, { id }: { id: string }): Changed {
  return change(keys, id, (key) => {
    if (key.secrets.length < MAX_SECRETS) {
      throw new ApiKeyRefusal(`${id} has one secret only: there is no rotation to finish.`)
    }
    return { ...key, secrets: key.secrets.slice(0, 1) }
  })
}

/** Takes all of its secrets away. The name stays, so that nobody else ever gets it. */
export function revokeApiKey(keys: ApiKeys, { id, at }: { id: string; at: Date }): Changed {
  return change(keys, id, (key) => ({ ...key, secrets: [], revokedAt: at.toISOString() }))
}

function change(keys: ApiKeys, id: string, next: (key: ApiKey) => ApiKey): Changed {
  const found = keys.keys.find((key) => key.id === id)
  if (!found) throw new ApiKeyRefusal(`There is no key ${id}.`)
  if (found.revokedAt) throw new ApiKeyRefusal(`${id} was revoked at ${found.revokedAt}.`)
  const key = next(found)
  return { keys: { ...keys, keys: keys.keys.map((other) => (other === found ? key : other)) }, key }
}

function newSecret(at: Date): ApiKey['secrets'][number] {
  return { secret: randomBytes(SECRET_BYTES).toString('base64'), createdAt: at.toISOString() }
}
