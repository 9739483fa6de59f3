import { appendFileSync } from 'node:fs'
import { Logger } from '@aws-lambda-powertools/logger'
import type { AccessLog } from '../lib/http/access-log.ts'
import type { ApiOptions } from '../lib/http/api.ts'
import type { Identify } from '../lib/http/auth/identify.ts'
import { createRateLimit } from '../lib/http/rate-limit.ts'
import type { Ledger } from '../lib/ledger/ledger.ts'
import { invariant } from '../lib/money/invariant.ts'
import { createMetrics } from './metrics.ts'
import { optional } from './settings.ts'

const NO_CONFLICTS = { take: () => ({ conflicts: 0, retries: 0 }) }

/** What every function of the API has at its edge. One without a ledger has no conflicts, and gives none. */
export function apiOptionsFromEnvironment(
  identify: Identify,
  ledger?: Pick<Ledger, 'conflictCount'>,
): ApiOptions {
  const factor = Number(optional('CALLER_RATE_FACTOR') ?? 1)
  invariant(factor > 0, 'CALLER_RATE_FACTOR is a number above 0')
  return {
    identify,
    takeToken: createRateLimit({ now: Date.now, factor }),
    corsOrigins:
      optional('CORS_ORIGINS')
        ?.split(',')
        .map((origin) => origin.trim()) ?? [],
    logger: new Logger(),
    metrics: createMetrics(),
    conflictCount: ledger?.conflictCount ?? NO_CONFLICTS,
    accessLog: accessLog(),
  }
}

/**
 * Among the function's own logs, whatever their level; into a file where there is no log to search. As the logger would
 * write it, and without the logger: a record says itself what it is about.
 */
function accessLog(): AccessLog {
  const file = optional('ACCESS_LOG_FILE')
  if (file) return (record) => appendFileSync(file, `${JSON.stringify(record)}\n`)
  const service = optional('POWERTOOLS_SERVICE_NAME')
  return (access) => {
    const line = { level: 'INFO', message: 'access', timestamp: access.at, service, access }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
}
