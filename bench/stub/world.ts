import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { createApiKey, NO_API_KEYS } from '../../lib/http/auth/api-keys.ts'
import { SCOPES } from '../../lib/http/caller.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { TREASURY, type WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import type { SigningKey } from '../../lib/smoke/sign.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { startDynamoDb } from '../../local/dynamodb.ts'
import { ISSUER, openIssuer, PLAYER_AUDIENCE, playerToken } from '../../local/issuer.ts'
import { createTable } from '../../local/tables.ts'
import type { RawItem } from '../meter/item-costs.ts'
import { type Stub, startStub } from './stub.ts'

/** All that a deployed function is told and can ask, and who calls it. */
export interface World {
  readonly stub: Stub
  readonly environment: Readonly<Record<string, string>>
  readonly callers: Callers
  readonly close: () => Promise<void>
}

export interface Callers {
  /** Signs its requests, and may do everything. */
  readonly server: SigningKey
  /** Alice's token, as her game has it. */
  readonly player: string
  /** Tokens of hers that are used once each, so far as a function can remember. */
  readonly strangers: readonly string[]
}

export const WALLET = 'alice' as WalletId
export const ASSET = 'GOLD_COINS' as AssetCode

const TABLE = 'Ledger'
const KEYS = 'arn:of:the-api-keys'
const ENDPOINTS = 'arn:of:the-endpoints'
const CANARY_KEY = 'arn:of:the-key-of-the-canary'
/** Nobody gets tired here of what one caller sends. */
const RATE_FACTOR = 1_000_000
/** More than lib/http/auth/verified-tokens.ts keeps. */
const STRANGERS = 1_200

export async function openWorld(): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), 'strongbox-bench-'))
  const issuer = await openIssuer(join(home, 'issuer-key.json'))
  const { keys, key } = createApiKey(NO_API_KEYS, { id: 'shop', scopes: SCOPES, at: new Date() })
  const server = { id: key.id, secret: key.secrets[0]?.secret ?? '' }
  const stub = await startStub({
    items: await itemsOfALedger(),
    secrets: {
      [KEYS]: JSON.stringify(keys),
      [ENDPOINTS]: JSON.stringify({ endpoints: [] }),
      [CANARY_KEY]: JSON.stringify(server),
    },
    jwk: issuer.publicJwk,
  })
  return {
    stub,
    environment: environmentAt(stub.endpoint),
    callers: {
      server,
      player: await playerToken(issuer, WALLET),
      strangers: await Promise.all(
        Array.from({ length: STRANGERS }, () => playerToken(issuer, WALLET)),
      ),
    },
    async close() {
      await stub.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** What Lambda and the templates say, and where AWS is: nothing of this process. */
function environmentAt(endpoint: string): Record<string, string> {
  return {
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' },
    AWS_ACCESS_KEY_ID: 'ASIATESTTESTTESTTEST',
    AWS_SECRET_ACCESS_KEY: 'not-a-secret-of-anybody',
    AWS_SESSION_TOKEN: 'session-token-of-the-role',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: 'strongbox-prod-service-writeFunction0A1B2C3D-0123456789AB',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    POWERTOOLS_SERVICE_NAME: 'strongbox-write',
    POWERTOOLS_METRICS_NAMESPACE: 'Strongbox/prod',
    ...{ LEDGER_TABLE: TABLE, AUDIT_TABLE: 'Audit' },
    ...{ API_KEYS_SECRET: KEYS, WEBHOOK_SECRET: ENDPOINTS, CANARY_KEY_SECRET: CANARY_KEY },
    CALLER_RATE_FACTOR: String(RATE_FACTOR),
    CURSOR_SECRET: 'signs the cursors of a bench',
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: PLAYER_AUDIENCE,
    JWT_JWKS_URI: `${endpoint}/jwks.json`,
    ...{ EVENT_BUS: 'strongbox-prod', EVENT_SOURCE: 'strongbox/prod', CANARY_URL: endpoint },
    WEBHOOK_QUEUE_URL: `${endpoint}/000000000000/webhooks`,
    WEBHOOK_DEAD_LETTER_URL: `${endpoint}/000000000000/dead-letters`,
    ...{ TZ: ':UTC', PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent' },
  }
}

/** Items as the ledger itself writes them, whatever they look like today. */
async function itemsOfALedger(): Promise<RawItem[]> {
  const dynamoDb = await startDynamoDb({})
  try {
    const { client } = dynamoDb
    await createTable(client, LEDGER_TABLE, TABLE)
    const store = openLedgerStore({ client, tableName: TABLE })
    await store.putAsset({ code: ASSET, name: 'Gold coins', scale: 0, active: true })
    const ledger = openLedger(store, realEffects)
    for (const amount of [1_000_000_000, 250]) {
      const postings = [{ from: TREASURY, to: WALLET, asset: ASSET, amount: toAmount(amount) }]
      const origin = { client: 'server:shop', idempotencyKey: randomUUID(), requestId: 'bench' }
      await post(ledger, { type: 'TOPUP', postings, reference: 'order-48151623' }, origin)
    }
    const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE }))
    return Items
  } finally {
    await dynamoDb.stop()
  }
}
