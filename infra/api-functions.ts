import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { ApiFunction } from '../lib/http/routes.ts'
import { auditAccess } from './audit-access.ts'
import { apiKeysAccess, callerEnvironment, corsEnvironment } from './callers.ts'
import type { AddFunction, ServiceFunction } from './constructs/service-function.ts'
import { docsFiles } from './docs-files.ts'
import { publishingAccess } from './events.ts'
import { ledgerAccess } from './ledger-access.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Settings } from './settings.ts'

/**
 * The longest that still ends before API Gateway stops waiting, after 29 s or 30: so a time-out is in our own
 * log. A posting needs it, and so does a freeze: it begins tries for 8 s, and each request of the last one may
 * use up its 2 attempts of 4 s. If DynamoDB hangs through all of them, the handler gives up half a second
 * before its time is over, and answers 503. That is safe: a posting is sent again with the same key, and the
 * record tells what became of it; a freeze that was done is done. A replay of many dead letters needs it, too: what is
 * left of them is replayed by the next one.
 */
const WRITE_TIMEOUT = Duration.seconds(28)

/** One request to DynamoDB that uses up its 2 attempts of 4 s, what went before it, and the 503 about it. */
const TIMEOUT = Duration.seconds(15)

/** The page is for everybody: who loads it without end must not take the concurrency that money needs. */
const DOCS_AT_ONCE = 20

/** 256 bits, in letters and digits. */
const CURSOR_SECRET_LENGTH = 43

export interface ApiFunctionsProps {
  readonly addFunction: AddFunction
  readonly settings: Settings
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly apiKeys: Pick<Secret, 'secretArn'>
  readonly bus: EventBus
  /** What everybody who projects is told. */
  readonly forProjector: Readonly<Record<string, string>>
}

/** Those that requests come to. Without an issuer and without keys no caller is known, and only public routes are answered. */
export function createApiFunctions(
  scope: Construct,
  { addFunction, settings, ledger, audit, apiKeys, bus, forProjector }: ApiFunctionsProps,
): Record<ApiFunction, ServiceFunction> {
  const onLedger = { LEDGER_TABLE: ledger.tableName }
  const onAudit = { AUDIT_TABLE: audit.tableName }
  const forCallers = { ...onLedger, ...callerEnvironment(settings, apiKeys) }
  const forCursors = { CURSOR_SECRET: createCursorSecret(scope) }
  const knowsCallers = apiKeysAccess(apiKeys)
  return {
    write: addFunction('write', {
      description: 'Moves money',
      timeout: WRITE_TIMEOUT,
      environment: forCallers,
      access: [...ledgerAccess('write', ledger), knowsCallers],
    }),
    read: addFunction('read', {
      description: 'Reads wallets, their history and assets; answers unknown paths',
      timeout: TIMEOUT,
      environment: { ...forCallers, ...onAudit, ...forCursors },
      access: [...ledgerAccess('read', ledger), ...auditAccess('read', audit), knowsCallers],
    }),
    admin: addFunction('admin', {
      description: 'Freezes, closes and describes wallets; registers assets',
      timeout: WRITE_TIMEOUT,
      environment: { ...forCallers, ...onAudit },
      access: [...ledgerAccess('admin', ledger), ...auditAccess('admin', audit), knowsCallers],
    }),
    ops: addFunction('ops', {
      description: 'Shows what the audit flagged and could not process, and mends it',
      timeout: WRITE_TIMEOUT,
      environment: { ...forCallers, ...forProjector, ...forCursors },
      access: [
        ...ledgerAccess('ops', ledger),
        ...auditAccess('ops', audit),
        publishingAccess(bus),
        knowsCallers,
      ],
    }),
    docs: addFunction('docs', {
      description: 'Explains the API',
      timeout: TIMEOUT,
      environment: corsEnvironment(settings),
      access: [],
      reservedConcurrency: DOCS_AT_ONCE,
      bundling: { commandHooks: docsFiles },
    }),
  }
}

/**
 * A reference that CloudFormation resolves while it deploys: the value is never in a template, but whoever may
 * read the function's configuration can see it. That is fine for this one. It signs page cursors and nothing
 * else, so it opens no wallet, and reading it at each cold start would cost a request and a permission. Losing
 * it means that clients list from the first page again; hence nothing keeps it when the stack goes.
 */
function createCursorSecret(scope: Construct): string {
  const secret = new Secret(scope, 'CursorSecret', {
    description: 'Signs the page cursors of the API',
    generateSecretString: { passwordLength: CURSOR_SECRET_LENGTH, excludePunctuation: true },
    removalPolicy: RemovalPolicy.DESTROY,
  })
  breaksRule(
    secret,
    'SMG4',
    'It opens nothing: who has it can make a cursor, and sees with it what they may see without. A new one ends every listing that is under way.',
  )
  return secret.secretValue.unsafeUnwrap()
}
