import { randomUUID } from 'node:crypto'
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import {
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { TableDefinition } from '../../lib/store/tables.ts'
import { lambdaContext } from '../../local/lambda-context.ts'

/**
 * The wallet that books and blog posts describe, in its leanest form that is still right: requests are made idempotent
 * by a library with a table of its own, every account has a stored balance, the treasury's too, and every movement has
 * a debit and a credit, each in an item of its own. It is what ours is compared with.
 */

export interface Textbook {
  readonly carryOut: (request: TextbookRequest) => Promise<TextbookAnswer>
  readonly readBalance: (account: string, asset: string) => Promise<StoredBalance>
}

export interface TextbookRequest {
  readonly operation: keyof typeof OPERATIONS
  readonly key: string
  readonly walletId: string
  /** Of a transfer. */
  readonly to?: string
  /** Of what is done to a hold. */
  readonly holdId?: string
  readonly asset: string
  readonly amount: number
  readonly reference?: string
}

/** A type, and not an interface: the library keeps it as JSON. */
export type TextbookAnswer = {
  readonly transactionId: string
  readonly walletId: string
  readonly available: number
  readonly held: number
}

export interface StoredBalance {
  readonly available: number
  readonly held: number
}

export interface TextbookOptions {
  readonly client: DynamoDBClient
  readonly ledgerTable: string
  readonly idempotencyTable: string
}

/** Both have the keys that ours have; there are no indexes and no streams to pay for. */
export const TEXTBOOK_TABLE: TableDefinition = {
  name: 'Textbook',
  partitionKey: 'pk',
  sortKey: 'sk',
  stream: undefined,
  timeToLive: undefined,
  indexes: [],
}

const TREASURY = 'TREASURY'
const EXTERNAL = 'EXTERNAL'
const ANSWERS_PARTITION = 'IDEMPOTENCY'
const TIMEOUT_MS = 28_000

/** What happens to the wallet, and who has the other side of it. */
interface Operation {
  readonly available: -1 | 0 | 1
  readonly held: -1 | 0 | 1
  /** Undefined where money only changes its place in the wallet. */
  readonly other: (request: Pick<TextbookRequest, 'to'>) => string | undefined
  readonly hold?: 'OPEN' | 'CAPTURED' | 'VOIDED'
}

const OPERATIONS = {
  topup: { available: 1, held: 0, other: () => TREASURY },
  bonus: { available: 1, held: 0, other: () => TREASURY },
  spend: { available: -1, held: 0, other: () => TREASURY },
  deposit: { available: 1, held: 0, other: () => EXTERNAL },
  withdraw: { available: -1, held: 0, other: () => EXTERNAL },
  transfer: { available: -1, held: 0, other: ({ to }) => to },
  hold: { available: -1, held: 1, other: () => undefined, hold: 'OPEN' },
  capture: { available: 0, held: -1, other: () => TREASURY, hold: 'CAPTURED' },
  void: { available: 1, held: -1, other: () => undefined, hold: 'VOIDED' },
} satisfies Record<string, Operation>

export function openTextbook({ client, ledgerTable, idempotencyTable }: TextbookOptions): Textbook {
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: idempotencyTable,
    awsSdkV3Client: client,
    keyAttr: 'pk',
    sortKeyAttr: 'sk',
    staticPkValue: ANSWERS_PARTITION,
  })
  const config = new IdempotencyConfig({
    eventKeyJmesPath: 'key',
    payloadValidationJmesPath: '[operation, walletId, to, holdId, asset, amount, reference]',
    throwOnNoIdempotencyKey: true,
  })

  async function readBalance(account: string, asset: string): Promise<StoredBalance> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: ledgerTable,
        Key: marshall(balanceKey(account, asset)),
        ConsistentRead: true,
      }),
    )
    const { available = 0, held = 0 } = Item ? unmarshall(Item) : {}
    return { available, held }
  }

  async function transact(request: TextbookRequest): Promise<TextbookAnswer> {
    const operation: Operation = OPERATIONS[request.operation]
    const { walletId, asset, amount } = request
    // Read for the answer, and for what a statement shows of the balance: a transaction gives neither.
    const before = await readBalance(walletId, asset)
    const after = {
      available: before.available + operation.available * amount,
      held: before.held + operation.held * amount,
    }
    if (after.available < 0 || after.held < 0) throw new Error('insufficient funds')
    const transactionId = randomUUID()
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: writesOf(ledgerTable, {
          ...request,
          transactionId,
          operation,
          before,
          after,
        }),
      }),
    )
    return { transactionId, walletId, ...after }
  }

  const transactOnce = makeIdempotent(transact, { persistenceStore, config })

  return {
    carryOut(request) {
      config.registerLambdaContext(lambdaContext('textbook', TIMEOUT_MS))
      return transactOnce(request)
    },
    readBalance,
  }
}

interface Transaction extends Omit<TextbookRequest, 'operation'> {
  readonly transactionId: string
  readonly operation: Operation
  readonly before: StoredBalance
  readonly after: StoredBalance
}

function writesOf(table: string, transaction: Transaction): TransactWriteItem[] {
  const { operation, transactionId, walletId, asset, amount, reference, after } = transaction
  const other = operation.other(transaction)
  const at = new Date().toISOString()
  const isDebit = operation.available < 0 || (operation.available === 0 && operation.held < 0)
  const own = { account: walletId, balance: after.available }
  const others = { account: other ?? walletId }
  const common = { transactionId, asset, amount, at }
  const entry = (side: 'DEBIT' | 'CREDIT', of: { account: string; balance?: number }) => ({
    pk: `ACCOUNT#${of.account}`,
    sk: `ENTRY#${at}#${transactionId}#${side}`,
    side,
    ...of,
    ...common,
  })
  return [
    updateBalance(table, transaction),
    ...(other === undefined ? [] : [addToBalance(table, other, transaction, isDebit ? 1 : -1)]),
    putNew(table, entry('DEBIT', isDebit ? own : others)),
    putNew(table, entry('CREDIT', isDebit ? others : own)),
    putNew(table, {
      pk: `TRANSACTION#${transactionId}`,
      sk: 'TRANSACTION',
      ...{ walletId, other, reference },
      ...common,
    }),
    ...(operation.hold ? [writeHold(table, transaction, operation.hold)] : []),
  ]
}

/** Nobody may have written it since it was read. */
function updateBalance(
  table: string,
  { walletId, asset, before, after }: Transaction,
): TransactWriteItem {
  const isNew = before.available === 0 && before.held === 0
  return {
    Update: {
      TableName: table,
      Key: marshall(balanceKey(walletId, asset)),
      UpdateExpression: 'SET available = :available, held = :held',
      ConditionExpression: `${isNew ? 'attribute_not_exists(pk) OR ' : ''}(available = :readAvailable AND held = :readHeld)`,
      ExpressionAttributeValues: marshall({
        ':available': after.available,
        ':held': after.held,
        ':readAvailable': before.available,
        ':readHeld': before.held,
      }),
    },
  }
}

/** The other side is not read: what it had is in nobody's answer. */
function addToBalance(
  table: string,
  account: string,
  { asset, amount }: Transaction,
  sign: 1 | -1,
): TransactWriteItem {
  return {
    Update: {
      TableName: table,
      Key: marshall(balanceKey(account, asset)),
      UpdateExpression: 'ADD available :amount, held :nothing',
      ExpressionAttributeValues: marshall({ ':amount': sign * amount, ':nothing': 0 }),
    },
  }
}

function writeHold(
  table: string,
  { walletId, asset, amount, holdId = '' }: Transaction,
  state: 'OPEN' | 'CAPTURED' | 'VOIDED',
): TransactWriteItem {
  const key = { pk: `ACCOUNT#${walletId}`, sk: `HOLD#${holdId}` }
  if (state === 'OPEN') return putNew(table, { ...key, asset, amount, state })
  return {
    Update: {
      TableName: table,
      Key: marshall(key),
      UpdateExpression: 'SET #state = :state',
      ConditionExpression: '#state = :open AND amount = :amount',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: marshall({ ':state': state, ':open': 'OPEN', ':amount': amount }),
    },
  }
}

function putNew(table: string, item: Record<string, unknown>): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: marshall(item, { removeUndefinedValues: true }),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  }
}

function balanceKey(account: string, asset: string) {
  return { pk: `ACCOUNT#${account}`, sk: `BALANCE#${asset}` }
}
