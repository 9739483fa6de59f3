import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { inject } from 'vitest'
import type { DomainEvent } from '../../lib/audit/events.ts'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { createApiKey, NO_API_KEYS } from '../../lib/http/auth/api-keys.ts'
import { SCOPES } from '../../lib/http/caller.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { startEventBus } from '../../local/event-bus.ts'
import { type Issuer, startIssuer } from '../../local/issuer.ts'
import { createTable } from '../../local/tables.ts'
import { type AwsCall, startAws } from '../support/aws.ts'
import { endpointAt } from '../support/events.ts'
import { dropTestLedger, openStreamedLedger, type TestLedger } from '../support/ledger.ts'
import { keepSecret } from '../support/logs.ts'
import type { SigningKey } from '../support/sign.ts'
import { type Sqs, startSqs } from '../support/sqs.ts'

/** All that deployed functions talk to. */
export interface World {
  readonly ledger: TestLedger
  readonly audit: AuditTable
  readonly sqs: Sqs
  /** What was told to EventBridge. */
  readonly published: readonly DomainEvent[]
  readonly awsEndpoint: string
  /** What was asked of AWS, oldest first. */
  readonly calls: readonly AwsCall[]
  /** With all scopes. */
  readonly key: SigningKey
  readonly issuer: Issuer
  /** What CloudFormation would fill in, and where things are that are elsewhere for a deployed function. */
  readonly settings: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

export const DYNAMODB = 'DynamoDB_20120810'
export const EVENT_BRIDGE = 'AWSEvents'
export const SECRETS_MANAGER = 'secretsmanager'
export const SQS = 'AmazonSQS'

export const WEBHOOK_QUEUE = 'webhooks'
const API_KEYS_SECRET = 'arn:of:the-api-keys'
const WEBHOOK_SECRET = 'arn:of:the-endpoints'
const CANARY_KEY_SECRET = 'arn:of:the-key-of-the-canary'

interface WorldOptions {
  /** Where functions find it; who builds the world asks it directly. */
  readonly dynamoDbEndpoint?: string
}

export async function openWorld({
  dynamoDbEndpoint = inject('dynamoDbEndpoint'),
}: WorldOptions = {}): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), 'strongbox-world-'))
  const ledger = await openStreamedLedger()
  const auditName = `Audit-${randomUUID()}`
  await createTable(ledger.client, AUDIT_TABLE, auditName)
  const issuer = await startIssuer(join(home, 'issuer-key.json'))
  const { keys, key } = createApiKey(NO_API_KEYS, { id: 'shop', scopes: SCOPES, at: new Date() })
  const secret = key.secrets[0]?.secret ?? ''
  const cursorSecret = randomUUID()
  for (const word of [secret, cursorSecret]) keepSecret(word)

  const published: DomainEvent[] = []
  const bus = await startEventBus(async (events) => published.push(...events))
  const sqs = await startSqs()
  const endpoints = [endpointAt('https://shop.example.com/webhooks')]
  const aws = await startAws({
    secrets: {
      [API_KEYS_SECRET]: JSON.stringify(keys),
      [WEBHOOK_SECRET]: JSON.stringify({ endpoints }),
      [CANARY_KEY_SECRET]: JSON.stringify({ id: key.id, secret }),
    },
    services: {
      [DYNAMODB]: dynamoDbEndpoint,
      [EVENT_BRIDGE]: bus.endpoint,
      [SQS]: sqs.endpoint,
    },
  })
  return {
    ...{ ledger, sqs, published, issuer },
    audit: openAuditTable({ client: ledger.client, tableName: auditName }),
    awsEndpoint: aws.endpoint,
    calls: aws.calls,
    key: { keyId: key.id, secret },
    settings: {
      LEDGER_TABLE: ledger.tableName,
      AUDIT_TABLE: auditName,
      API_KEYS_SECRET,
      CURSOR_SECRET: cursorSecret,
      JWT_JWKS_URI: issuer.jwksUri,
      EVENT_BUS: 'strongbox',
      CANARY_KEY_SECRET,
      WEBHOOK_SECRET,
      WEBHOOK_QUEUE_URL: `${aws.endpoint}/000000000000/${WEBHOOK_QUEUE}`,
      WEBHOOK_DEAD_LETTER_URL: `${aws.endpoint}/000000000000/dead-letters`,
    },
    async close() {
      await Promise.all([aws.stop(), sqs.stop(), bus.stop(), issuer.stop()])
      await ledger.client.send(new DeleteTableCommand({ TableName: auditName }))
      await dropTestLedger(ledger)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
