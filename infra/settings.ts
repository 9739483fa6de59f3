import * as z from 'zod'

/** The deployments that one account can hold side by side. */
export const STAGES = ['dev', 'prod'] as const
export type Stage = (typeof STAGES)[number]

/** Whose tokens are good. */
export interface TokenSettings {
  /** As it stands in the tokens, to the letter: API Gateway compares the text, and so do the functions. */
  readonly issuer: string
  readonly audience: string
  readonly operatorAudience: string | undefined
  /** For the functions. API Gateway asks the issuer itself, at `/.well-known/openid-configuration`. */
  readonly jwksUri: string
}

const FLAGS = ['true', 'false'] as const

/** The audit remembers as many withdrawals of each balance, with every entry. */
const MOST_RAPID_WITHDRAWALS = 100

const anIssuer = 'an https URL as the tokens spell it, such as https://login.example.com/studio'
const aUrl = 'an https URL'
const aText = 'text without spaces'
const aList = 'a list of origins, such as https://a.example.com,https://b.example.com'

const wholeNumber = (most: number) => {
  const aNumber = `a whole number from 1 to ${most}`
  return z
    .string(aNumber)
    .regex(/^[1-9]\d{0,15}$/, aNumber)
    .transform(Number)
    .refine((value) => value <= most, aNumber)
}
const issuerUrl = z.string(anIssuer).refine(isPlainHttpsUrl, anIssuer)
const httpsUrl = z.url({ protocol: /^https$/, error: aUrl })
const text = z.string(aText).regex(/^[\x21-\x7e]+$/, aText)
const flag = z.enum(FLAGS, FLAGS.join(' or ')).transform((value) => value === 'true')
const origins = z
  .string(aList)
  .transform((value) => value.split(',').map((origin) => origin.trim()))
  .refine((all) => all.every(isOrigin), aList)

/** What can be set, with what is taken if nobody sets it. The words of a schema say what the setting must be. */
const given = z.strictObject({
  stage: z.enum(STAGES, STAGES.join(' or ')).default('dev'),
  issuer: issuerUrl.optional(),
  audience: text.optional(),
  operatorAudience: text.optional(),
  jwksUri: httpsUrl.optional(),
  corsOrigins: origins.default([]),
  tracing: flag.default(false),
  /** Where it begins to look like fraud. What is not set is as the audit has it. */
  rapidWithdrawalsCount: wholeNumber(MOST_RAPID_WITHDRAWALS).optional(),
  rapidWithdrawalsWithinMs: wholeNumber(Number.MAX_SAFE_INTEGER).optional(),
  largeWithdrawalAmount: wholeNumber(Number.MAX_SAFE_INTEGER).optional(),
  /** Whether a wallet that is flagged is frozen at once, before anybody has looked. */
  autoFreeze: flag.default(false),
  webhooks: flag.default(false),
})
type Given = z.output<typeof given>
type TokenName = keyof TokenSettings

export interface Settings extends Omit<Given, TokenName> {
  /** Undefined where no issuer is trusted. */
  readonly tokens: TokenSettings | undefined
}

/** What settings cannot be together. */
const CONTRADICTIONS: readonly (readonly [(settings: Given) => boolean, string])[] = [
  [
    ({ issuer, audience }) => issuer !== undefined && audience === undefined,
    'The setting audience is missing: an issuer makes tokens for others, too.',
  ],
  [
    ({ issuer, audience, operatorAudience, jwksUri }) =>
      issuer === undefined && (audience ?? operatorAudience ?? jwksUri) !== undefined,
    'The setting issuer is missing: without one, no token is good, whomever it is for.',
  ],
  [
    ({ audience, operatorAudience }) => audience !== undefined && audience === operatorAudience,
    'The setting operatorAudience must differ from audience: it tells operators from players.',
  ],
  [
    ({ stage, corsOrigins }) => stage === 'prod' && corsOrigins.includes('*'),
    'The setting corsOrigins must name its origins in prod: * is for dev.',
  ],
]

export type ReadSettings =
  | { readonly kind: 'read'; readonly settings: Settings }
  | { readonly kind: 'refused'; readonly sentences: readonly string[] }

/** From the context of the CDK: `-c name=value`, or `context` in cdk.json. */
export function readSettings(context: Readonly<Record<string, unknown>>): ReadSettings {
  const named = Object.fromEntries(Object.entries(context).filter(isOurs).map(asText))
  const parsed = given.safeParse(named)
  const sentences = parsed.success
    ? CONTRADICTIONS.filter(([isTrue]) => isTrue(parsed.data)).map(([, sentence]) => sentence)
    : parsed.error.issues.flatMap((issue) => refusals(issue, named))
  if (!parsed.success || sentences.length > 0) return { kind: 'refused', sentences }
  const { issuer, audience, operatorAudience, jwksUri, ...others } = parsed.data
  const tokens =
    issuer === undefined || audience === undefined
      ? undefined
      : { issuer, audience, operatorAudience, jwksUri: jwksUri ?? keysOf(issuer) }
  return { kind: 'read', settings: { ...others, tokens } }
}

/**
 * The context also holds what the CDK itself goes by, and all of those names have a colon or a dash in them.
 * A plain word that is no setting is refused: with a misspelt `issuer`, a deployment would take a door away.
 */
function isOurs([name]: [string, unknown]): boolean {
  return /^\w+$/.test(name)
}

/** `-c` gives nothing but text, and cdk.json can also say `true`. */
function asText([name, value]: [string, unknown]): [string, unknown] {
  return [name, typeof value === 'boolean' || typeof value === 'number' ? String(value) : value]
}

function refusals(issue: z.core.$ZodIssue, named: Record<string, unknown>): string[] {
  if (issue.code === 'unrecognized_keys') {
    const all = Object.keys(given.shape).join(', ')
    return issue.keys.map((name) => `There is no setting ${name}. There are ${all}.`)
  }
  const name = String(issue.path[0])
  const value = JSON.stringify(named[name])
  return [`The setting ${name} must be ${issue.message}, and is ${value}.`]
}

/** Plain: another spelling of the same URL would be another issuer. A slash at the end is part of the name. */
function isPlainHttpsUrl(value: string): boolean {
  const parsed = URL.parse(value)
  return (
    parsed !== null &&
    parsed.protocol === 'https:' &&
    `${parsed.origin}${parsed.pathname}`.replace(/\/$/, '') === value.replace(/\/$/, '')
  )
}

function isOrigin(value: string): boolean {
  if (value === '*') return true
  return /^https?:/.test(value) && !value.includes('*') && URL.parse(value)?.origin === value
}

function keysOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
}
