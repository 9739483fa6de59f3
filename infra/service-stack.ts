import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { ApiFunction } from '../lib/http/routes.ts'
import {
  type FunctionName,
  ServiceFunction,
  type ServiceFunctionProps,
} from './constructs/service-function.ts'
import { createHttpEdge } from './http-edge.ts'
import { ledgerAccess } from './ledger-access.ts'
import type { Stage } from './stage.ts'
import { createSweepSchedule, SWEEP_EVERY } from './sweep-schedule.ts'

interface ServiceStackProps {
  readonly stage: Stage
  readonly ledger: TableV2
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

/**
 * No function is told STRONGBOX_AUTH, so a deployed service knows no caller and answers public routes only,
 * until authentication is configured.
 */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { stage, ledger }: ServiceStackProps) {
    super(scope, id, { description: 'Strongbox: the API and its functions' })

    const addFunction = (
      name: FunctionName,
      props: Pick<ServiceFunctionProps, 'description' | 'timeout' | 'environment'>,
    ) =>
      new ServiceFunction(this, name, {
        ...props,
        name,
        stage,
        environment: { LEDGER_TABLE: ledger.tableName, ...props.environment },
        access: ledgerAccess(name, ledger),
      }).lambda

    const functions: Record<ApiFunction, IFunction> = {
      write: addFunction('write', {
        description: 'Moves money',
        timeout: WRITE_TIMEOUT,
        environment: {},
      }),
      read: addFunction('read', {
        description: 'Reads wallets, their history and assets; answers unknown paths',
        timeout: TIMEOUT,
        environment: { CURSOR_SECRET: createCursorSecret(this) },
      }),
      admin: addFunction('admin', {
        description: 'Freezes, closes and describes wallets; registers assets',
        timeout: WRITE_TIMEOUT,
        environment: {},
      }),
    }

    const api = createHttpEdge(this, `strongbox-${stage}`, functions)
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint })

    const sweep = addFunction('sweep', {
      description: 'Gives back what is held by holds whose time is over',
      timeout: SWEEP_TIMEOUT,
      environment: {},
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
