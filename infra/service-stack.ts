import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { ApiFunction } from '../lib/http/routes.ts'
import { createAccessQuery } from './access-query.ts'
import { type AddAlarm, createAlarms } from './alarms/alarms.ts'
import { createEdgeAlarms } from './alarms/edge-alarms.ts'
import {
  createConcurrencyAlarm,
  createFailureAlarms,
  createSweepAlarms,
} from './alarms/function-alarms.ts'
import { createLedgerAlarms } from './alarms/ledger-alarms.ts'
import { createCanaryAlarms, createWatchAlarms } from './alarms/watch-alarms.ts'
import { createAudit } from './audit.ts'
import { auditAccess } from './audit-access.ts'
import { createAutoFreeze } from './auto-freeze.ts'
import { apiKeysAccess, callerEnvironment, corsEnvironment } from './callers.ts'
import { createCanary } from './canary.ts'
import {
  type AddFunction,
  type FunctionName,
  ServiceFunction,
} from './constructs/service-function.ts'
import { createDashboard } from './dashboard.ts'
import { docsFiles } from './docs-files.ts'
import { CREATE_EDGE } from './edge/edge.ts'
import { createNames } from './edge/names.ts'
import { createEventBus, publishingAccess } from './events.ts'
import { releaseGradually } from './gradual-release.ts'
import { ledgerAccess } from './ledger-access.ts'
import { projectorEnvironment } from './projector.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Settings } from './settings.ts'
import { createSweepSchedule, SWEEP_EVERY } from './sweep-schedule.ts'
import { createWatch } from './watch.ts'
import { createWebhooks } from './webhooks.ts'

interface ServiceStackProps {
  readonly settings: Settings
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly failedRecords: Bucket
  readonly apiKeys: Pick<Secret, 'secretArn'>
}

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

/** So that a run is over when the next one starts: longer, and they would do the same work side by side. */
const SWEEP_TIMEOUT = SWEEP_EVERY

/** The page is for everybody: who loads it without end must not take the concurrency that money needs. */
const DOCS_AT_ONCE = 20

/** Its turn comes also when all else is busy; a second run would do the same work. */
const SWEEPS_AT_ONCE = 1

/** 256 bits, in letters and digits. */
const CURSOR_SECRET_LENGTH = 43

/** Without an issuer and without keys no caller is known, and only public routes are answered. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, { description: 'Strongbox: the API and its functions' })
    const { settings, ledger, audit, failedRecords, apiKeys } = props
    const { stage } = settings

    const all = new Map<FunctionName, ServiceFunction>()
    const addFunction: AddFunction = (name, rest) => {
      const added = new ServiceFunction(this, name, { ...rest, name, settings })
      all.set(name, added)
      return added
    }
    const alarms: Alarm[] = []
    const createAlarm = createAlarms(this, settings)
    const addAlarm: AddAlarm = (row) => {
      const added = createAlarm(row)
      alarms.push(added)
      return added
    }

    const bus = createEventBus(this, stage)
    const onLedger = { LEDGER_TABLE: ledger.tableName }
    const onAudit = { AUDIT_TABLE: audit.tableName }
    const forCallers = { ...onLedger, ...callerEnvironment(settings, apiKeys) }
    const forProjector = { ...onLedger, ...onAudit, ...projectorEnvironment(settings, bus) }
    const forCursors = { CURSOR_SECRET: createCursorSecret(this) }
    const knowsCallers = apiKeysAccess(apiKeys)

    const functions: Record<ApiFunction, ServiceFunction> = {
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
    const { write, read, admin, ops, docs } = functions
    const doors = CREATE_EDGE[settings.edge](this, settings, {
      write: write.live,
      read: read.live,
      admin: admin.live,
      ops: ops.live,
      docs: docs.live,
    })
    if (settings.domain) createNames(this, settings.domain, doors)
    if (settings.console) {
      createAccessQuery(
        this,
        stage,
        Object.values(functions).map(({ logGroup }) => logGroup),
      )
    }

    const sweep = addFunction('sweep', {
      description: 'Gives back what is held by holds whose time is over',
      timeout: SWEEP_TIMEOUT,
      environment: onLedger,
      access: ledgerAccess('sweep', ledger),
      reservedConcurrency: SWEEPS_AT_ONCE,
    })
    createSweepSchedule(this, sweep.live)

    const adding = { addFunction, addAlarm, stage }
    createAudit(this, { ...adding, ledger, audit, failedRecords, bus, environment: forProjector })
    if (settings.autoFreeze) createAutoFreeze(this, { ...adding, ledger, bus })
    if (settings.webhooks) createWebhooks(this, { ...adding, bus })
    createWatch(this, { addFunction, ledger, audit })
    createWatchAlarms(addAlarm, stage)
    if (settings.canary) {
      createCanary(this, { addFunction, stage, doors })
      createCanaryAlarms(addAlarm, stage)
    }

    const { apiFails } = createEdgeAlarms(addAlarm, doors, settings)
    createLedgerAlarms(addAlarm, { ledger, audit, settings })
    createSweepAlarms(addAlarm, stage, sweep)
    createConcurrencyAlarm(addAlarm, all)
    const failures = createFailureAlarms(addAlarm, all)
    if (settings.console)
      createDashboard(this, { stage, alarms, doors, functions: all, ledger, audit })
    if (stage === 'prod') {
      releaseGradually(this, { stage, functions: all, failures, overall: [apiFails] })
    }
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
