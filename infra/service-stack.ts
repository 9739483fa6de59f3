import { Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { createAccessQuery } from './access-query.ts'
import { type AddAlarm, createAlarms } from './alarms/alarms.ts'
import { createCanaryAlarms } from './alarms/canary-alarms.ts'
import { createEdgeAlarms } from './alarms/edge-alarms.ts'
import { createConcurrencyAlarm, createFailureAlarms } from './alarms/function-alarms.ts'
import { createLedgerAlarms } from './alarms/ledger-alarms.ts'
import { createSweepAlarms } from './alarms/sweep-alarms.ts'
import { createWatchAlarms } from './alarms/watch-alarms.ts'
import { createApiFunctions } from './api-functions.ts'
import { createAudit } from './audit.ts'
import { createAutoFreeze } from './auto-freeze.ts'
import { createCanary } from './canary.ts'
import {
  type AddFunction,
  type FunctionName,
  ServiceFunction,
} from './constructs/service-function.ts'
import { createDashboard } from './dashboard.ts'
import { CREATE_EDGE } from './edge/edge.ts'
import { createNames } from './edge/names.ts'
import { createEventBus } from './events.ts'
import { releaseGradually } from './gradual-release.ts'
import { projectorEnvironment } from './projector-environment.ts'
import type { Settings } from './settings.ts'
import { createSweep } from './sweep.ts'
import { createWatch } from './watch.ts'
import { createWebhooks } from './webhooks.ts'

interface ServiceStackProps {
  readonly settings: Settings
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly failedRecords: Bucket
  readonly apiKeys: Pick<Secret, 'secretArn'>
}

/** All that can be made again from nothing. */
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
    const forProjector = projectorEnvironment(settings, { ledger, audit, bus })

    const functions = createApiFunctions(this, {
      ...{ addFunction, settings, ledger, audit, apiKeys, bus },
      forProjector,
    })
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

    const sweep = createSweep(this, { addFunction, ledger })
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
