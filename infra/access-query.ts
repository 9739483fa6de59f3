import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Stage } from './settings.ts'

const MOST_RECORDS = 1_000

/** Who tried to make one transaction, how often, and what came of it: saved, for whoever investigates it. */
export function createAccessQuery(
  scope: Construct,
  stage: Stage,
  logGroups: readonly ILogGroup[],
): void {
  new QueryDefinition(scope, 'AccessByTransaction', {
    queryDefinitionName: `Strongbox/${stage}/access by transaction`,
    logGroups: [...logGroups],
    queryString: new QueryString({
      fields: [
        'access.at',
        'access.caller',
        'access.keyId',
        'access.operation',
        'access.path',
        'access.status',
        'access.outcome',
        'access.reason',
        'access.replayed',
        'access.clientIp',
        'access.requestId',
        'access.durationMs',
      ],
      filterStatements: ['message = "access"', 'access.transactionId = "txn_"'],
      sort: 'access.at asc',
      limit: MOST_RECORDS,
    }),
  })
}
