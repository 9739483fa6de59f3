import * as z from 'zod/mini'
import { PROBLEMS, type ProblemCode } from '../problem.ts'
import type { Route } from '../routes.ts'
import { type HeaderName, headersNamed } from './headers.ts'
import { type Json, toJsonSchema } from './json-schema.ts'
import { PROBLEM_EXAMPLES } from './problem-examples.ts'

const PROBLEM_TYPE = 'application/problem+json'
const REQUEST_ID = '6b1f0f0e-5d0b-4b0e-9d2c-0c1f7d6f3a11'

const CODES = Object.keys(PROBLEMS) as ProblemCode[]

const problem = z
  .object({
    type: z.string().check(z.regex(/^urn:strongbox:problem:[a-z-]+$/)),
    title: z.string().check(z.describe('The same for all problems with this code.')),
    status: z.int().check(z.gte(400), z.lte(599)),
    detail: z.string().check(z.describe('What it was this time, for people.')),
    code: z.enum(CODES).check(z.describe('What it was, for programs.')),
    requestId: z.string().check(z.describe('The same as `X-Request-Id`.')),
  })
  .check(
    z.meta({
      id: 'Problem',
      description: 'Why nothing was done: RFC 9457, with a `code` of ours.',
    }),
  )

/** What some problems say beside that. */
const MEMBERS: Partial<Record<ProblemCode, z.core.$ZodLooseShape>> = {
  INVALID_REQUEST: {
    errors: z
      .array(
        z
          .strictObject({ path: z.string(), message: z.string() })
          .check(
            z.meta({ id: 'FieldError', description: 'The path is empty for the body as a whole.' }),
          ),
      )
      .check(z.minLength(1)),
  },
  INSUFFICIENT_FUNDS: {
    available: z.optional(z.int()).check(z.describe('To callers who may read the balance.')),
    required: z.int().check(z.gte(1)),
  },
  ALREADY_REVERSED: {
    reversible: z.int().check(z.gte(0), z.describe('What is left to reverse.')),
  },
  SIGNATURE_INVALID: {
    signatureBase: z
      .optional(z.string())
      .check(z.describe('The text that should have been signed. Of your own request.')),
  },
  NOT_READY: {
    checks: z.record(
      z.string(),
      z.strictObject({ ok: z.boolean(), durationMs: z.int().check(z.gte(0)) }),
    ),
  },
}

/** These are said before it is known who calls, or whatever is known: none of them counts requests. */
const UNCOUNTED = new Set<ProblemCode>([
  'UNAUTHENTICATED',
  'URI_TOO_LONG',
  'HEADERS_TOO_LARGE',
  'INTERNAL_ERROR',
  'WALLET_BUSY',
])

/** Every problem that a route can answer: what its kind makes possible, and what it declines with. */
export function problemsOf({
  access,
  needsKey,
  takesKey,
  body,
  query,
  declines,
}: Route): ProblemCode[] {
  const isGuarded = access.kind !== 'public'
  const asked = query()
  const isPaged = asked instanceof z.ZodMiniObject && 'cursor' in asked.shape
  const possible = new Set<ProblemCode>([
    'INVALID_REQUEST',
    ...when(needsKey, 'IDEMPOTENCY_KEY_REQUIRED'),
    ...when(needsKey || takesKey === true, 'IDEMPOTENCY_KEY_REUSED'),
    ...when(isPaged, 'INVALID_CURSOR'),
    ...when(isGuarded, 'UNAUTHENTICATED', 'SIGNATURE_INVALID', 'SIGNATURE_EXPIRED', 'RATE_LIMITED'),
    ...when(access.kind === 'scopes', 'FORBIDDEN'),
    ...when(body !== undefined, 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    ...declines,
    'URI_TOO_LONG',
    'HEADERS_TOO_LARGE',
    'INTERNAL_ERROR',
    'WALLET_BUSY',
  ])
  return CODES.filter((code) => possible.has(code))
}

function when(isSo: boolean, ...codes: ProblemCode[]): ProblemCode[] {
  return isSo ? codes : []
}

interface ProblemAnswer {
  readonly status: number
  /** Of the component; the same codes have the same. */
  readonly name: string
  readonly answer: Json
}

/** The problems of a route by status, each status an answer that other routes may share. */
export function problemAnswers(route: Route): ProblemAnswer[] {
  const isPublic = route.access.kind === 'public'
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)
  return Array.from(byStatus, ([status, codes]) => {
    const name = `${isPublic ? 'Public' : ''}${codes.map(inCapitals).join('Or')}`
    return { status, name, answer: problemAnswer(status, codes, isPublic) }
  })
}

function problemAnswer(status: number, codes: readonly ProblemCode[], isPublic: boolean): Json {
  const isCounted = !isPublic && !codes.some((code) => UNCOUNTED.has(code))
  const headers: HeaderName[] = [
    'RequestId',
    ...(isCounted ? (['RateLimit', 'RateLimitPolicy'] as const) : []),
    ...(status === 429 || status === 503 ? (['RetryAfter'] as const) : []),
    ...(status === 401 ? (['WwwAuthenticate'] as const) : []),
  ]
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n\n'),
    headers: headersNamed(headers),
    content: {
      [PROBLEM_TYPE]: {
        schema: problemSchema(status, codes),
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  }
}

/** A problem with one of these codes, with their members and no others. */
function problemSchema(status: number, codes: readonly ProblemCode[]): Json {
  const members = z.object(Object.assign({}, ...codes.map((code) => MEMBERS[code])))
  const isOneKind = codes.length === 1
  const said = z.extend(
    z.object({
      status: z.literal(status).check(z.meta({ type: 'integer' })),
      code: z.enum(codes),
    }),
    (isOneKind ? members : z.partial(members)).shape,
  )
  return { ...toJsonSchema(said), allOf: [toJsonSchema(problem)], unevaluatedProperties: false }
}

export function problemExamples(codes: ReadonlySet<ProblemCode>): Json {
  return Object.fromEntries(
    CODES.filter((code) => codes.has(code)).map((code) => [
      code,
      { summary: PROBLEMS[code].title, value: PROBLEM_EXAMPLES[code].body(REQUEST_ID) },
    ]),
  )
}

function inCapitals(code: ProblemCode): string {
  return code
    .split('_')
    .map((word) => `${word[0]}${word.slice(1).toLowerCase()}`)
    .join('')
}
