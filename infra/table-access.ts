import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IndexDefinition } from '../lib/store/tables.ts'

export interface Permission {
  readonly actions: readonly `dynamodb:${string}`[]
  /** Where it is not the table itself: a right on the table is no right on its indexes, nor the reverse. */
  readonly index?: IndexDefinition
  readonly conditions?: Conditions
}

/** A single item of what belongs together cannot be written by itself. */
export const insideTransaction: Conditions = {
  'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
}

/** `*` stands for any text. */
export function onPartitions(...patterns: readonly string[]): Conditions {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] } }
}

export function tableAccess(
  permissions: readonly Permission[],
  { tableArn }: Pick<TableV2, 'tableArn'>,
): PolicyStatement[] {
  return permissions.map(
    ({ actions, index, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [index ? `${tableArn}/index/${index.name}` : tableArn],
        ...(conditions && { conditions }),
      }),
  )
}
