import type { Decline } from '../../ledger/decline.ts'
import type { WalletId } from '../../money/account.ts'
import type { AssetCode } from '../../money/asset.ts'
import type { HoldId } from '../../money/hold.ts'
import type { TransactionId } from '../../money/transaction.ts'
import { declineProblem, walletChanged } from '../answers.ts'
import { deadLetterNotFound, flagNotFound } from '../audit-answers.ts'

import { type Caller, unauthenticated } from '../caller.ts'
import { busy, invalidRequest, Problem, type ProblemCode } from '../problem.ts'

const walletId = 'alice' as WalletId
const asset = 'GOLD_COINS' as AssetCode
const holdId = 'hold_1vjfsocig91nopktoe7k19srmc' as HoldId
const transactionId = 'txn_1vjfsocig91nopktoe7k19srmc' as TransactionId

const shop: Caller = { kind: 'server', client: 'server:shop', scopes: new Set(['wallet:read']) }
const declined = (decline: Decline) => declineProblem(decline, shop)

/** One of each, in the words that a caller hears: where something makes them, they are made by it. */
export const PROBLEM_EXAMPLES: Readonly<Record<ProblemCode, Problem>> = {
  INVALID_REQUEST: invalidRequest([
    { path: 'amount', message: 'must be a whole number from 1 to 9007199254740991' },
  ]),
  IDEMPOTENCY_KEY_REQUIRED: new Problem(
    'IDEMPOTENCY_KEY_REQUIRED',
    'Send an Idempotency-Key header, a new one for each thing that you want to happen once.',
  ),
  INVALID_CURSOR: new Problem(
    'INVALID_CURSOR',
    'Send nextCursor as it was given, with the same filters.',
  ),
  UNAUTHENTICATED: unauthenticated('The token has expired.'),
  SIGNATURE_INVALID: new Problem(
    'SIGNATURE_INVALID',
    'No live secret of this key made this signature.',
    {
      members: {
        signatureBase:
          '"@method": GET\n"@path": /v1/wallets/alice\n"@signature-params": ("@method" "@path");created=1795240800;keyid="shop"',
      },
    },
  ),
  SIGNATURE_EXPIRED: new Problem(
    'SIGNATURE_EXPIRED',
    '"created" may be 300 seconds off, and it is 1795240800 here.',
  ),
  INSUFFICIENT_FUNDS: declined({
    code: 'INSUFFICIENT_FUNDS',
    walletId,
    asset,
    available: 10,
    required: 30,
  }),
  FORBIDDEN: new Problem('FORBIDDEN', 'This needs the scope wallet:debit.'),
  NOT_FOUND: new Problem('NOT_FOUND', 'There is nothing at /v1/wallet.'),
  WALLET_NOT_FOUND: declined({ code: 'WALLET_NOT_FOUND', walletId: 'carol' as WalletId }),
  ASSET_NOT_FOUND: declined({ code: 'ASSET_NOT_FOUND', asset: 'MOON_DUST' as AssetCode }),
  TRANSACTION_NOT_FOUND: declined({ code: 'TRANSACTION_NOT_FOUND', transactionId }),
  METHOD_NOT_ALLOWED: new Problem('METHOD_NOT_ALLOWED', 'DELETE is not allowed here; GET is.'),
  HOLD_NOT_FOUND: declined({ code: 'HOLD_NOT_FOUND', holdId }),
  FLAG_NOT_FOUND: flagNotFound('flag_5b2c9d0e7f1a4b3c8d6e9f0a1b'),
  DEAD_LETTER_NOT_FOUND: deadLetterNotFound('5b2c9d0e7f1a4b3c8d6e9f0a1b'),
  WALLET_FROZEN: declined({ code: 'WALLET_FROZEN', walletId }),
  WALLET_CLOSED: declined({ code: 'WALLET_CLOSED', walletId }),
  WALLET_NOT_EMPTY: new Problem(
    'WALLET_NOT_EMPTY',
    'alice still holds something, and only an empty wallet closes.',
  ),
  SAME_WALLET: declined({ code: 'SAME_WALLET', walletId }),
  HOLD_CLOSED: declined({ code: 'HOLD_CLOSED', holdId, state: 'CAPTURED' }),
  HOLD_EXPIRED: declined({ code: 'HOLD_EXPIRED', holdId }),
  ALREADY_REVERSED: declined({ code: 'ALREADY_REVERSED', transactionId, reversible: 0 }),
  BALANCE_LIMIT: declined({ code: 'BALANCE_LIMIT', walletId, asset }),
  PRECONDITION_FAILED: walletChanged(walletId),
  PAYLOAD_TOO_LARGE: new Problem('PAYLOAD_TOO_LARGE', 'A body can have 32768 bytes.'),
  URI_TOO_LONG: new Problem('URI_TOO_LONG', 'A path and its query can have 2048 bytes.'),
  UNSUPPORTED_MEDIA_TYPE: new Problem(
    'UNSUPPORTED_MEDIA_TYPE',
    'Send the body with Content-Type: application/json.',
  ),
  IDEMPOTENCY_KEY_REUSED: new Problem(
    'IDEMPOTENCY_KEY_REUSED',
    `This key made ${transactionId} from another request. Use a new key for a new request.`,
  ),
  RATE_LIMITED: new Problem('RATE_LIMITED', 'Come again in 1 s. Nothing was done.'),
  HEADERS_TOO_LARGE: new Problem('HEADERS_TOO_LARGE', 'All headers can have 8192 bytes.'),
  INTERNAL_ERROR: new Problem('INTERNAL_ERROR', 'It is logged under the request id.'),
  WALLET_BUSY: busy(),
  NOT_READY: new Problem('NOT_READY', 'No answer from: ledger.', {
    members: { checks: { ledger: { ok: false, durationMs: 2000 } } },
  }),
}
