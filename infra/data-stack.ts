import { CfnOutput, SecretValue, Stack } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { AUDIT_TABLE, LEDGER_TABLE, type TableDefinition } from '../lib/store/tables.ts'
import { createFailedRecords } from './failed-records.ts'
import { removalPolicyOf } from './removal-policy.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

interface DataStackProps {
  readonly stage: Stage
}

export class DataStack extends Stack {
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly failedRecords: Bucket
  readonly apiKeys: Secret

  constructor(scope: Construct, id: string, { stage }: DataStackProps) {
    super(scope, id, {
      description:
        'Strongbox: the ledger, what is known about it, and the keys of those who may use it',
      terminationProtection: stage === 'prod',
    })
    this.ledger = createTable(this, LEDGER_TABLE, stage)
    this.audit = createTable(this, AUDIT_TABLE, stage)
    this.failedRecords = createFailedRecords(this, stage)
    this.apiKeys = createApiKeys(this, stage)
    new CfnOutput(this, 'LedgerTableName', { value: this.ledger.tableName })
    new CfnOutput(this, 'AuditTableName', { value: this.audit.tableName })
    new CfnOutput(this, 'FailedRecordsBucketName', { value: this.failedRecords.bucketName })
    new CfnOutput(this, 'ApiKeysSecretArn', { value: this.apiKeys.secretArn })
  }
}

/**
 * CloudFormation names the table: two stages then fit one account, and a retained table never stands in the
 * way of the stack that is deployed after it.
 *
 * The audit's is as safe as the ledger's. Its projections can be made again from the ledger; who has seen a flag, and
 * what could not be processed, cannot.
 */
function createTable(scope: Construct, definition: TableDefinition, stage: Stage): TableV2 {
  return new TableV2(scope, definition.name, {
    partitionKey: { name: definition.partitionKey, type: AttributeType.STRING },
    sortKey: { name: definition.sortKey, type: AttributeType.STRING },
    globalSecondaryIndexes: definition.indexes.map((index) => ({
      indexName: index.name,
      partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
      sortKey: { name: index.sortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType[index.projection],
    })),
    billing: Billing.onDemand(),
    ...(definition.stream && { dynamoStream: StreamViewType[definition.stream] }),
    ...(definition.timeToLive && { timeToLiveAttribute: definition.timeToLive }),
    // A key that is in the account, and whose every use CloudTrail knows of. It costs next to nothing.
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: stage === 'prod',
    removalPolicy: removalPolicyOf(stage),
  })
}

/**
 * The keys that servers sign with. This template holds no key: it says that there are none yet, and
 * `npm run keys` puts them in later. CloudFormation writes a secret when it makes it, and again only when the
 * text in the template is another than last time. So this text must stay what it is to the letter, and the
 * secret must keep its id: with either of them changed, the next deployment would lock every server out.
 *
 * It lives with the ledger, because the names of keys are part of it: idempotency keys belong to them.
 */
function createApiKeys(scope: Construct, stage: Stage): Secret {
  const keys = new Secret(scope, 'ApiKeys', {
    description: 'The keys that servers sign their requests with',
    secretStringValue: SecretValue.unsafePlainText('{"version":1,"keys":[]}'),
    removalPolicy: removalPolicyOf(stage),
  })
  breaksRule(
    keys,
    'SMG4',
    'The other half of each key is in a server that AWS does not know: `npm run keys` rotates them one by one, with both halves good meanwhile.',
  )
  return keys
}
