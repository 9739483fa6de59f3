import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { ApiFunction } from '../lib/http/routes.ts'
import { createAccessQuery } from './access-query.ts'
import { apiKeysAccess, callerEnvironment, corsEnvironment } from './callers.ts'
import {
  type FunctionName,
  ServiceFunction,
  type ServiceFunctionProps,
} from './constructs/service-function.ts'
import { docsFiles } from './docs-files.ts'
import { createHttpEdge } from './http-edge.ts'
import { ledgerAccess } from './ledger-access.ts'
import type { Settings } from './settings.ts'
import { createSweepSchedule, SWEEP_EVERY } from './sweep-schedule.ts'

interface ServiceStackProps {
  readonly settings: Settings
  readonly ledger: TableV2
  readonly apiKeys: Pick<Secret, 'secretArn'>
}

/**
 * The longest that still ends before API Gateway stops waiting, after 29 s or 30: so a time-out is in our own
 * log. A posting needs it, and so does a freeze: it begins tries for 8 s, and each request of the last one may
 * use up its 2 attempts of 4 s. If DynamoDB hangs through all of them, the handler gives up half a second
 * before its time is over, and answers 503. That is safe: a posting is sent again with the same key, and the
 * record tells what became of it; a freeze that was done is done.
 */
const WRITE_TIMEOUT = Duration.seconds(28)

/** One request to DynamoDB that uses up its 2 attempts of 4 s, what went before it, and the 503 about it. */
const TIMEOUT = Duration.seconds(15)

/** So that a run is over when the next one starts: longer, and they would do the same work side by side. */
const SWEEP_TIMEOUT = SWEEP_EVERY

/** 256 bits, in letters and digits. */
const CURSOR_SECRET_LENGTH = 43

/** Without an issuer and without keys no caller is known, and only public routes are answered. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ledger, apiKeys }: ServiceStackProps) {
    super(scope, id, { description: 'Strongbox: the API and its functions' })

    const addFunction = (
      name: FunctionName,
      props: Omit<ServiceFunctionProps, 'name' | 'settings'>,
    ) => new ServiceFunction(this, name, { ...props, name, settings }).lambda

    const onLedger = { LEDGER_TABLE: ledger.tableName }
    const forCallers = { ...onLedger, ...callerEnvironment(settings, apiKeys) }
    const knowsCallers = apiKeysAccess(apiKeys)

    const functions: Record<ApiFunction, Lambda> = {
      write: addFunction('write', {
        description: 'Moves money',
        timeout: WRITE_TIMEOUT,
        environment: forCallers,
        access: [...ledgerAccess('write', ledger), knowsCallers],
      }),
      read: addFunction('read', {
        description: 'Reads wallets, their history and assets; answers unknown paths',
        timeout: TIMEOUT,
        environment: { ...forCallers, CURSOR_SECRET: createCursorSecret(this) },
        access: [...ledgerAccess('read', ledger), knowsCallers],
      }),
      admin: addFunction('admin', {
        description: 'Freezes, closes and describes wallets; registers assets',
        timeout: WRITE_TIMEOUT,
        environment: forCallers,
        access: [...ledgerAccess('admin', ledger), knowsCallers],
      }),
      docs: addFunction('docs', {
        description: 'Explains the API',
        timeout: TIMEOUT,
        environment: corsEnvironment(settings),
        access: [],
        bundling: { commandHooks: docsFiles },
      }),
    }
    createHttpEdge(this, settings, functions)
    createAccessQuery(
      this,
      settings.stage,
      Object.values(functions).map(({ logGroup }) => logGroup),
    )

    const sweep = addFunction('sweep', {
      description: 'Gives back what is held by holds whose time is over',
      timeout: SWEEP_TIMEOUT,
      environment: onLedger,
      access: ledgerAccess('sweep', ledger),
    })
    createSweepSchedule(this, sweep)
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
  return secret.secretValue.unsafeUnwrap()
}
