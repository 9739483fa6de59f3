import * as z from 'zod/mini'
import { type DomainEvent, EVENT_TYPES } from '../audit/events.ts'

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const MAX_ENDPOINTS = 50
/** One that is in use, and one that is taking its place. */
const MAX_SECRETS = 2
const SECRET_PREFIX = 'whsec_'
const SECRET_PATTERN = /^whsec_[A-Za-z0-9+/]+={0,2}$/
/** What the Standard Webhooks specification asks for. */
const [MIN_SECRET_BYTES, MAX_SECRET_BYTES] = [24, 64]
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]'])

const endpoint = z.strictObject({
  id: z.string().check(z.regex(ID_PATTERN)),
  url: z.string().check(z.refine(isSafeUrl)),
  /** Newest first. What is sent is signed with each of them. */
  secrets: z
    .array(z.string().check(z.regex(SECRET_PATTERN), z.refine(hasRightLength)))
    .check(z.minLength(1), z.maxLength(MAX_SECRETS)),
  /** All of them, unless some are named. */
  events: z.optional(z.array(z.enum(EVENT_TYPES)).check(z.minLength(1))),
})

const webhooks = z.strictObject({
  endpoints: z.array(endpoint).check(
    z.maxLength(MAX_ENDPOINTS),
    z.refine((all) => new Set(all.map(({ id }) => id)).size === all.length),
  ),
})

/** Somewhere that events are sent to. */
export type Endpoint = z.output<typeof endpoint>

export function parseEndpoints(text: string): readonly Endpoint[] {
  const result = webhooks.safeParse(parsed(text))
  if (result.success) return result.data.endpoints
  // Where it is wrong, and not what is there: that may be a secret.
  const places = result.error.issues.map(({ path }) => path.join('.') || 'all of it')
  throw new Error(`the webhook endpoints are not what they should be: ${places.join(', ')}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What happened is nobody else's to read on its way, unless there is no way. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && THIS_MACHINE.has(url.hostname))
}

function hasRightLength(secret: string): boolean {
  const { length } = secretBytes(secret)
  return length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES
}

export function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
}

export function wants({ events }: Endpoint, { type }: Pick<DomainEvent, 'type'>): boolean {
  return events === undefined || events.includes(type)
}
