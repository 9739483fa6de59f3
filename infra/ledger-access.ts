import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { HOLD_EXPIRY_INDEX, type IndexDefinition } from '../lib/store/tables.ts'
import type { FunctionName } from './constructs/service-function.ts'

/** All but the one that explains the API: it has nothing to do with money. */
export type LedgerFunction = Exclude<FunctionName, 'docs'>

interface Permission {
  readonly actions: readonly `dynamodb:${string}`[]
  /** Where it is not the table itself: a right on the table is no right on its indexes, nor the reverse. */
  readonly index?: IndexDefinition
  readonly conditions?: Conditions
}

/** A single item of what belongs together cannot be written by itself. */
const insideTransaction: Conditions = {
  'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
}

/** The partition that holds all assets. */
const onAssets: Conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['A'] } }

/** The calls that each function makes, and no other. Nobody may delete. */
const LEDGER_ACCESS: Record<LedgerFunction, readonly Permission[]> = {
  write: [
    // IAM knows no TransactGetItems: each item of one is a GetItem.
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], conditions: insideTransaction },
  ],
  read: [{ actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'] }],
  admin: [
    { actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    // To freeze, close and describe wallets. That no amount is updated is up to the code: see `statusWrites`.
    { actions: ['dynamodb:UpdateItem'], conditions: insideTransaction },
    { actions: ['dynamodb:PutItem'], conditions: onAssets },
  ],
  sweep: [
    { actions: ['dynamodb:Query'], index: HOLD_EXPIRY_INDEX },
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], conditions: insideTransaction },
  ],
}

export function ledgerAccess(
  name: LedgerFunction,
  { tableArn }: Pick<TableV2, 'tableArn'>,
): PolicyStatement[] {
  return LEDGER_ACCESS[name].map(
    ({ actions, index, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [index ? `${tableArn}/index/${index.name}` : tableArn],
        ...(conditions && { conditions }),
      }),
  )
}
