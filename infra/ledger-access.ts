import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { ApiFunction } from '../lib/http/routes.ts'

interface Permission {
  readonly actions: readonly `dynamodb:${string}`[]
  readonly conditions?: Conditions
}

/** Money moves in whole transactions only, so no single item of one can be written by itself. */
const insideTransaction: Conditions = {
  'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
}

/** The partition that holds all assets: whoever registers assets can write neither wallets nor money. */
const onAssets: Conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['A'] } }

/** The calls that each function makes, and no other. Nobody may delete. */
const LEDGER_ACCESS: Record<ApiFunction, readonly Permission[]> = {
  write: [
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], conditions: insideTransaction },
  ],
  read: [{ actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'] }],
  admin: [{ actions: ['dynamodb:PutItem'], conditions: onAssets }],
}

export function ledgerAccess(
  name: ApiFunction,
  ledger: Pick<TableV2, 'tableArn'>,
): PolicyStatement[] {
  return LEDGER_ACCESS[name].map(
    ({ actions, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [ledger.tableArn],
        ...(conditions && { conditions }),
      }),
  )
}
