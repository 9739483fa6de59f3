import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { LEDGER_TABLE, type TableDefinition } from '../lib/store/tables.ts'
import type { Stage } from './stage.ts'

interface DataStackProps {
  readonly stage: Stage
}

export class DataStack extends Stack {
  readonly ledger: TableV2

  constructor(scope: Construct, id: string, { stage }: DataStackProps) {
    super(scope, id, {
      description: 'Strongbox: the ledger',
      terminationProtection: stage === 'prod',
    })
    this.ledger = createTable(this, LEDGER_TABLE, stage)
    new CfnOutput(this, 'LedgerTableName', { value: this.ledger.tableName })
  }
}

/**
 * CloudFormation names the table: two stages then fit one account, and a retained table never stands in the
 * way of the stack that is deployed after it.
 */
function createTable(scope: Construct, definition: TableDefinition, stage: Stage): TableV2 {
  const isForever = stage === 'prod'
  return new TableV2(scope, definition.name, {
    partitionKey: { name: definition.partitionKey, type: AttributeType.STRING },
    sortKey: { name: definition.sortKey, type: AttributeType.STRING },
    globalSecondaryIndexes: definition.indexes.map((index) => ({
      indexName: index.name,
      partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
      sortKey: { name: index.sortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    billing: Billing.onDemand(),
    dynamoStream: StreamViewType[definition.stream],
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: isForever,
    removalPolicy: isForever ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}
