import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { HOLD_EXPIRY_INDEX } from '../lib/store/tables.ts'
import type { FunctionName } from './constructs/service-function.ts'
import { insideTransaction, onPartitions, type Permission, tableAccess } from './table-access.ts'

/** All but those that do not know of it: one explains the API, one sends what others say, one calls from outside. */
export type LedgerFunction = Exclude<FunctionName, 'docs' | 'webhooks' | 'canary'>

/** The partition that holds all assets. */
const onAssets = onPartitions('A')

/**
 * To freeze, close and describe wallets, whose status stands with each of their balances. That no amount is updated
 * with it is up to the code: see `statusWrites`.
 */
const changesOfStatus: Permission = {
  actions: ['dynamodb:UpdateItem'],
  conditions: { ...insideTransaction, ...onPartitions('W#*') },
}

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
    changesOfStatus,
    { actions: ['dynamodb:PutItem'], conditions: onAssets },
  ],
  // What changes the ledger may never be what watches over it: both of these read entries, and write nothing.
  ops: [{ actions: ['dynamodb:GetItem', 'dynamodb:Query'] }],
  audit: [{ actions: ['dynamodb:Query'] }],
  // Which assets there are. What has become of them is in the audit.
  watch: [{ actions: ['dynamodb:Query'], conditions: onAssets }],
  freeze: [{ actions: ['dynamodb:GetItem', 'dynamodb:Query'] }, changesOfStatus],
  sweep: [
    { actions: ['dynamodb:Query'], index: HOLD_EXPIRY_INDEX },
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], conditions: insideTransaction },
  ],
}

export function ledgerAccess(
  name: LedgerFunction,
  ledger: Pick<TableV2, 'tableArn'>,
): PolicyStatement[] {
  return tableAccess(LEDGER_ACCESS[name], ledger)
}
