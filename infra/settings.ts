import * as z from 'zod'

/** The deployments that one account can hold side by side. */
export const STAGES = ['dev', 'prod'] as const
export type Stage = (typeof STAGES)[number]

/** What of API Gateway stands in front: an HTTP API, or a REST API, which costs more, can do more, and runs on LocalStack. */
export const EDGES = ['http', 'rest'] as const
export type Edge = (typeof EDGES)[number]

/** Whose tokens are good. */
export interface TokenSettings {
  /** As it stands in the tokens, to the letter: API Gateway compares the text, and so do the functions. */
  readonly issuer: string
  readonly audience: string
  readonly operatorAudience: string | undefined
  /** Which of their claims names the wallet of a player, if `sub` does not. */
  readonly playerClaim: string | undefined
  /** For the functions. API Gateway asks the issuer itself, at `/.well-known/openid-configuration`. */
  readonly jwksUri: string
}

/** Where others reach the service. Who owns the domain points these names at what the outputs say. */
export interface DomainSettings {
  readonly domainName: string
  /** Of the signature door, where there are two. */
  readonly signedDomainName: string | undefined
  readonly certificateArn: string
}

const FLAGS = ['true', 'false'] as const

/** As CloudWatch takes them. */
const LOG_RETENTIONS_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
]

const LOG_RETENTION_DAYS: Readonly<Record<Stage, number>> = { dev: 7, prod: 90 }

const MOST_ALARM_MS = 30_000
/** API Gateway counts with 32 bits. */
const MOST_PLANNED_REQUESTS = 2_147_483_647
/** A warm request takes some tens of milliseconds, a cold start most of a second. */
const DEFAULT_P99_ALARM_MS = 1_500
/** One busy wallet loses a few tries each second; so many mean that many requests fight for a few wallets. */
const DEFAULT_CONFLICTS_ALARM_PER_MINUTE = 600

/** The audit remembers as many withdrawals of each balance, with every entry. */
const MOST_RAPID_WITHDRAWALS = 100

const anIssuer = 'an https URL as the tokens spell it, such as https://login.example.com/studio'
const aUrl = 'an https URL'
const aText = 'text without spaces'
const aList = 'a list of origins, such as https://a.example.com,https://b.example.com'
const anAddress = 'an e-mail address'
const aHost = 'the name of a host, such as wallet.example.com'
const aCertificate = 'the ARN of a certificate of AWS Certificate Manager'
const aRetention = `one of ${LOG_RETENTIONS_DAYS.join(', ')}`

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
const address = z.email(anAddress)
const host = z
  .string(aHost)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, aHost)
const certificate = z
  .string(aCertificate)
  .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, aCertificate)
const retention = z.enum(LOG_RETENTIONS_DAYS.map(String), aRetention).transform(Number)
const origins = z
  .string(aList)
  .transform((value) => value.split(',').map((origin) => origin.trim()))
  .refine((all) => all.every(isOrigin), aList)

/** What can be set, with what is taken if nobody sets it. The words of a schema say what the setting must be. */
const given = z.strictObject({
  stage: z.enum(STAGES, STAGES.join(' or ')).default('dev'),
  edge: z.enum(EDGES, EDGES.join(' or ')).default('http'),
  issuer: issuerUrl.optional(),
  audience: text.optional(),
  operatorAudience: text.optional(),
  playerClaim: text.optional(),
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
  /** Whether a canary walks through the API every five minutes. It needs a key: `npm run keys` makes it. */
  canary: flag.default(false),
  /** Who hears of alarms. */
  alarmEmail: address.optional(),
  /** Of requests that took longer than 99 of 100 others; a cold start is one of those. */
  p99AlarmMs: wholeNumber(MOST_ALARM_MS).default(DEFAULT_P99_ALARM_MS),
  /** Tries that lost a race for a wallet. */
  conflictsAlarmPerMinute: wholeNumber(Number.MAX_SAFE_INTEGER).default(
    DEFAULT_CONFLICTS_ALARM_PER_MINUTE,
  ),
  /** What is not set is a week in dev, and three months in prod. */
  logRetentionDays: retention.optional(),
  domainName: host.optional(),
  signedDomainName: host.optional(),
  certificateArn: certificate.optional(),
  /** Whether the names that API Gateway gave are closed: when others are known, and lead here. */
  onlyByName: flag.default(false),
  /** A dashboard and saved queries: for people, who look at them in the console of CloudWatch. LocalStack makes neither. */
  console: flag.default(true),
  /** A firewall before the REST edge. */
  waf: flag.default(false),
  /** The REST edge then asks everybody for a key of its usage plan, and counts what comes with it. */
  usagePlanRequestsPerDay: wholeNumber(MOST_PLANNED_REQUESTS).optional(),
  /** A text that stands with each function. With another one, the same code is another version. */
  release: text.optional(),
  /** Whether functions get a share of the account's concurrency to themselves. What is not set is so in prod. */
  reservedConcurrency: flag.optional(),
})
type Given = z.output<typeof given>

export interface Settings
  extends Omit<
    Given,
    keyof TokenSettings | keyof DomainSettings | 'logRetentionDays' | 'reservedConcurrency'
  > {
  /** Undefined where no issuer is trusted. */
  readonly tokens: TokenSettings | undefined
  /** Undefined where the names that API Gateway gives are good enough. */
  readonly domain: DomainSettings | undefined
  readonly logRetentionDays: number
  readonly reservedConcurrency: boolean
}

/** What settings cannot be together. */
const CONTRADICTIONS: readonly (readonly [(settings: Given) => boolean, string])[] = [
  [
    ({ issuer, audience }) => issuer !== undefined && audience === undefined,
    'The setting audience is missing: an issuer makes tokens for others, too.',
  ],
  [
    ({ issuer, audience, operatorAudience, playerClaim, jwksUri }) =>
      issuer === undefined &&
      (audience ?? operatorAudience ?? playerClaim ?? jwksUri) !== undefined,
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
  [
    ({ domainName, certificateArn }) =>
      (domainName === undefined) !== (certificateArn === undefined),
    'The settings domainName and certificateArn go together: API Gateway serves no name without a certificate.',
  ],
  [
    ({ domainName, signedDomainName }) =>
      signedDomainName !== undefined && domainName === undefined,
    'The setting domainName is missing: signedDomainName is for the second door.',
  ],
  [
    ({ domainName, signedDomainName }) =>
      signedDomainName !== undefined && signedDomainName === domainName,
    'The setting signedDomainName must differ from domainName: each door has a name of its own.',
  ],
  [
    ({ edge, issuer, signedDomainName }) =>
      signedDomainName !== undefined && (edge === 'rest' || issuer === undefined),
    'The setting signedDomainName is for two doors, and there is one: domainName names it.',
  ],
  [
    ({ domainName, onlyByName }) => onlyByName && domainName === undefined,
    'The setting domainName is missing: onlyByName closes all other ways in.',
  ],
  [
    ({ onlyByName, edge, issuer, signedDomainName }) =>
      onlyByName && edge === 'http' && issuer !== undefined && signedDomainName === undefined,
    'The setting signedDomainName is missing: with onlyByName, nobody could reach the door for signatures.',
  ],
  [
    ({ edge, waf }) => waf && edge !== 'rest',
    'The setting waf needs edge=rest: AWS WAF cannot stand before an HTTP API.',
  ],
  [
    ({ edge, usagePlanRequestsPerDay }) => usagePlanRequestsPerDay !== undefined && edge !== 'rest',
    'The setting usagePlanRequestsPerDay needs edge=rest: an HTTP API has no usage plans.',
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
  return { kind: 'read', settings: toSettings(parsed.data) }
}

function toSettings(all: Given): Settings {
  const { issuer, audience, operatorAudience, playerClaim, jwksUri, ...others } = all
  const { domainName, signedDomainName, certificateArn, ...rest } = others
  return {
    ...rest,
    tokens:
      issuer === undefined || audience === undefined
        ? undefined
        : { issuer, audience, operatorAudience, playerClaim, jwksUri: jwksUri ?? keysOf(issuer) },
    domain:
      domainName === undefined || certificateArn === undefined
        ? undefined
        : { domainName, signedDomainName, certificateArn },
    logRetentionDays: all.logRetentionDays ?? LOG_RETENTION_DAYS[all.stage],
    reservedConcurrency: all.reservedConcurrency ?? all.stage === 'prod',
  }
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
