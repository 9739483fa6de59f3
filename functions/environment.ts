import { appendFileSync } from 'node:fs'
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import type { AccessLog } from '../lib/http/access-log.ts'
import type { ApiOptions } from '../lib/http/api.ts'
import { createIdentify } from '../lib/http/auth/identify.ts'
import { createSignatureIdentify } from '../lib/http/auth/signature.ts'
import { createTokenIdentify, keysOfIssuer } from '../lib/http/auth/token.ts'
import { createRateLimit } from '../lib/http/rate-limit.ts'
import { realEffects } from '../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../lib/ledger/ledger.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'
import { apiKeysFromFile, apiKeysFromSecret } from './api-keys.ts'

/** What every function makes once, when its instance starts. Settings come from the environment only. */

export function ledgerFromEnvironment(): Ledger {
  const store = openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') })
  return openLedger(store, realEffects)
}

const NOTHING_LOST = { take: () => ({ conflicts: 0, retries: 0 }) }

/** A function that has no ledger, and so loses no race, gives none. */
export function apiOptionsFromEnvironment(ledger?: Pick<Ledger, 'lostTries'>): ApiOptions {
  const { now } = realEffects
  return {
    identify: createIdentify({ byToken: tokenIdentify(), bySignature: signatureIdentify(now) }),
    takeToken: createRateLimit({ now, factor: Number(optional('CALLER_RATE_FACTOR') ?? 1) }),
    corsOrigins: optional('CORS_ORIGINS')?.split(',') ?? [],
    logger: new Logger(),
    metrics: new Metrics({ namespace: 'Strongbox' }),
    lostTries: ledger?.lostTries ?? NOTHING_LOST,
    accessLog: accessLog(),
  }
}

function tokenIdentify() {
  const issuer = optional('JWT_ISSUER')
  if (!issuer) return undefined
  return createTokenIdentify({
    issuer,
    audience: setting('JWT_AUDIENCE'),
    operatorAudience: optional('JWT_OPERATOR_AUDIENCE'),
    keys: keysOfIssuer(setting('JWT_JWKS_URI')),
  })
}

function signatureIdentify(now: () => number) {
  const [file, secret] = [optional('API_KEYS_FILE'), optional('API_KEYS_SECRET')]
  if (file) return createSignatureIdentify({ readKeys: apiKeysFromFile(file), now })
  if (secret) return createSignatureIdentify({ readKeys: apiKeysFromSecret(secret), now })
  return undefined
}

/** Among the function's own logs, whatever their level; into a file where there is no log to search. */
function accessLog(): AccessLog {
  const file = optional('ACCESS_LOG_FILE')
  if (file) return (record) => appendFileSync(file, `${JSON.stringify(record)}\n`)
  const logger = new Logger({ logLevel: 'INFO' })
  return (record) => logger.info('access', { access: record })
}

export function setting(name: string): string {
  const value = optional(name)
  if (!value) throw new Error(`the environment variable ${name} is not set`)
  return value
}

function optional(name: string): string | undefined {
  return process.env[name] || undefined
}
