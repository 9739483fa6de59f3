import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import type { Context, EventBridgeEvent } from 'aws-lambda'
import { UNEXPLAINED_CHANGE } from '../../lib/audit/flag.ts'
import { freezeForFlag } from '../../lib/ledger/wallet-status.ts'
import { isWalletId } from '../../lib/money/account.ts'
import { ledgerFromEnvironment } from '../ledger.ts'

/** Of the event `fraud.flagged`, what matters here. */
interface FraudFlagged {
  readonly time: string
  readonly data: { readonly id: string; readonly walletId: string; readonly rule: string }
}

/** A flag that is delivered much later, by a replay, is no reason to freeze a wallet today. */
const FLAGS_ARE_NEWS_FOR_MS = 3_600_000

const ledger = ledgerFromEnvironment()
const logger = new Logger()

/**
 * Freezes the wallet that a flag is about, where that is switched on: nothing goes out of it until a person has
 * looked. Not for what is wrong in the books themselves, which is nobody's fault who plays.
 */
async function freeze({ detail }: EventBridgeEvent<'fraud.flagged', FraudFlagged>): Promise<void> {
  const { id, walletId, rule } = detail.data
  const happenedAt = Date.parse(detail.time)
  const isOld = ledger.effects.now() - happenedAt > FLAGS_ARE_NEWS_FOR_MS
  if (isOld) logger.warn('a flag is too old to freeze for', { rule })
  if (isOld || rule === UNEXPLAINED_CHANGE || !isWalletId(walletId)) return
  const reason = { reason: `${rule}, ${id}`, by: 'auto-freeze' }
  const result = await freezeForFlag(ledger, walletId, happenedAt, reason)
  // EventBridge sends it again.
  if (result.kind === 'busy') throw new Error('the wallet is busy')
  logger.info('handled a flag', { rule, result: result.kind })
}

export const handler = middy<
  EventBridgeEvent<'fraud.flagged', FraudFlagged>,
  void,
  Error,
  Context
>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(freeze)
