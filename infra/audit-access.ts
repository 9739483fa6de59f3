import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { BY_KIND_INDEX, BY_WALLET_INDEX } from '../lib/store/tables.ts'
import { insideTransaction, onPartitions, type Permission, tableAccess } from './table-access.ts'

/** Answers that are given again to who asks again: the records of `@aws-lambda-powertools/idempotency`. */
const ANSWERS = 'I'
const FLAGS = 'F#*'
const DEAD_LETTERS = 'D#*'
const PROGRESS = 'L'
const GENERATIONS = 'G'
const SUMS = '*#S#*'
/** Of every generation: balances, sums, and the statements of system accounts. */
const PROJECTIONS = ['*#W#*', SUMS, '*#Y#*']

/** A step of an audit: projections, and the flags that come with them. */
const aStep: Permission = {
  actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  conditions: { ...insideTransaction, ...onPartitions(...PROJECTIONS, FLAGS) },
}

/**
 * The calls that each function makes, and no other. Which generation of projections is read is for nobody here to
 * change: a rebuild is somebody's own work, with rights of their own.
 */
const AUDIT_ACCESS = {
  audit: [
    { actions: ['dynamodb:GetItem'] },
    aStep,
    { actions: ['dynamodb:UpdateItem'], conditions: onPartitions(FLAGS, DEAD_LETTERS, PROGRESS) },
  ],
  ops: [
    { actions: ['dynamodb:GetItem'] },
    { actions: ['dynamodb:Query'], index: BY_KIND_INDEX },
    { actions: ['dynamodb:Query'], index: BY_WALLET_INDEX },
    aStep,
    { actions: ['dynamodb:UpdateItem'], conditions: onPartitions(FLAGS) },
    { actions: ['dynamodb:DeleteItem'], conditions: onPartitions(DEAD_LETTERS) },
    {
      actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      conditions: onPartitions(ANSWERS),
    },
  ],
  read: [
    { actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { actions: ['dynamodb:Query'], index: BY_KIND_INDEX },
  ],
  watch: [
    { actions: ['dynamodb:GetItem'], conditions: onPartitions(GENERATIONS, PROGRESS) },
    { actions: ['dynamodb:Query'], conditions: onPartitions(SUMS) },
    { actions: ['dynamodb:Query'], index: BY_KIND_INDEX },
  ],
  admin: [
    {
      actions: [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
      conditions: onPartitions(ANSWERS),
    },
  ],
} as const satisfies Record<string, readonly Permission[]>

export function auditAccess(
  name: keyof typeof AUDIT_ACCESS,
  audit: Pick<TableV2, 'tableArn'>,
): PolicyStatement[] {
  return tableAccess(AUDIT_ACCESS[name], audit)
}
