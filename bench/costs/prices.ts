/** What AWS asks for, so much for so many. */
export interface Price {
  readonly usd: number
  readonly per: number
  readonly of: string
  readonly source: string
}

export const REGION = 'us-east-1'

/**
 * When they were last compared. AWS's price pages fill in their numbers by script, so they were compared with several
 * other pages that quote them, and with AWS's own documentation where it does.
 */
export const PRICES_OF = '2026-11-21'

const MILLION = 1_000_000
/** As AWS counts it: by the page on DynamoDB's quotas, all sizes are powers of two. */
export const GB_BYTES = 1024 ** 3

const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/'
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/'
const API_GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/'
const SECRETS = 'https://aws.amazon.com/secrets-manager/pricing/'
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/'

/** On demand, at the first tier, without any free tier. */
export const PRICES = {
  writeUnit: { usd: 0.625, per: MILLION, of: 'DynamoDB write request unit', source: DYNAMODB },
  readUnit: { usd: 0.125, per: MILLION, of: 'DynamoDB read request unit', source: DYNAMODB },
  stored: { usd: 0.25, per: 1, of: 'GB-month in DynamoDB', source: DYNAMODB },
  recoverable: {
    usd: 0.2,
    per: 1,
    of: 'GB-month that can be restored to a point in time',
    source: DYNAMODB,
  },
  call: { usd: 0.2, per: MILLION, of: 'Lambda request', source: LAMBDA },
  gbSecond: { usd: 0.0000133334, per: 1, of: 'Lambda GB-second on arm64', source: LAMBDA },
  httpRequest: { usd: 1, per: MILLION, of: 'request to an HTTP API', source: API_GATEWAY },
  restRequest: { usd: 3.5, per: MILLION, of: 'request to a REST API', source: API_GATEWAY },
  sent: {
    usd: 0.09,
    per: 1,
    of: 'GB out to the internet',
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/',
  },
  logged: { usd: 0.5, per: 1, of: 'GB into CloudWatch Logs', source: CLOUDWATCH },
  event: {
    usd: 1,
    per: MILLION,
    of: 'event of up to 64 KB on EventBridge',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  alarmedMetric: { usd: 0.1, per: 1, of: 'metric of an alarm, a month', source: CLOUDWATCH },
  dashboard: { usd: 3, per: 1, of: 'dashboard, a month', source: CLOUDWATCH },
  ownMetric: { usd: 0.3, per: 1, of: 'metric of our own, a month', source: CLOUDWATCH },
  secret: {
    usd: 0.4,
    per: 1,
    of: 'secret, a month',
    source: SECRETS,
  },
  secretRead: { usd: 0.05, per: 10_000, of: 'call of Secrets Manager', source: SECRETS },
} as const satisfies Record<string, Price>

export type PriceName = keyof typeof PRICES

export function dollars(name: PriceName, count: number): number {
  const { usd, per } = PRICES[name]
  return (count * usd) / per
}
