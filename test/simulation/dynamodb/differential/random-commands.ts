import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Random } from '../../random.ts'
import {
  Placeholders,
  randomCondition,
  randomProjection,
  randomUpdate,
  spoiled,
} from './random-expressions.ts'
import { PARTITIONS, randomItem, randomKey, SORT_KEYS } from './random-values.ts'

/** One request, that can be sent to more than one database. */
export interface RandomCommand {
  readonly name: string
  readonly input: object
  readonly send: (client: Pick<DynamoDBClient, 'send'>) => Promise<object>
  /** Whether the order of what comes back means anything. */
  readonly isOrdered: boolean
}

const SPOILED = 0.03

export function randomCommand(random: Random, TableName: string): RandomCommand {
  return random.pick<(random: Random, TableName: string) => RandomCommand>([
    put,
    put,
    put,
    update,
    update,
    update,
    update,
    remove,
    get,
    batchGet,
    query,
    query,
    queryIndex,
    scan,
    transactWrite,
    transactWrite,
    transactWrite,
    transactGet,
  ])(random, TableName)
}

function condition(random: Random, placeholders: Placeholders) {
  if (random.chance(0.3)) return {}
  const text = randomCondition(random, placeholders)
  return {
    ConditionExpression: random.chance(SPOILED) ? spoiled(random, text, placeholders) : text,
    ...(random.chance(0.6) && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
  }
}

function putInput(random: Random, TableName: string) {
  const placeholders = new Placeholders()
  const conditional = condition(random, placeholders)
  return { TableName, Item: { ...randomItem(random) }, ...conditional, ...placeholders.given() }
}

function updateInput(random: Random, TableName: string) {
  const placeholders = new Placeholders()
  const text = randomUpdate(random, placeholders)
  const UpdateExpression = random.chance(SPOILED) ? spoiled(random, text, placeholders) : text
  const conditional = condition(random, placeholders)
  const Key = randomKey(random)
  return { TableName, Key, UpdateExpression, ...conditional, ...placeholders.given() }
}

function keyInput(random: Random, TableName: string) {
  const placeholders = new Placeholders()
  const conditional = condition(random, placeholders)
  return { TableName, Key: randomKey(random), ...conditional, ...placeholders.given() }
}

function put(random: Random, TableName: string): RandomCommand {
  const returns = random.chance(0.2) && { ReturnValues: 'ALL_OLD' as const }
  const input = { ...putInput(random, TableName), ...returns }
  return command('PutItem', input, (client) => client.send(new PutItemCommand(input)))
}

function update(random: Random, TableName: string): RandomCommand {
  const returns = random.chance(0.5) && {
    ReturnValues: random.pick<'ALL_OLD' | 'ALL_NEW'>(['ALL_OLD', 'ALL_NEW']),
  }
  const input = { ...updateInput(random, TableName), ...returns }
  return command('UpdateItem', input, (client) => client.send(new UpdateItemCommand(input)))
}

function remove(random: Random, TableName: string): RandomCommand {
  const input = keyInput(random, TableName)
  return command('DeleteItem', input, (client) => client.send(new DeleteItemCommand(input)))
}

function get(random: Random, TableName: string): RandomCommand {
  const input = { TableName, Key: randomKey(random), ...projection(random) }
  return command('GetItem', input, (client) => client.send(new GetItemCommand(input)))
}

function projection(random: Random) {
  if (random.chance(0.5)) return {}
  const placeholders = new Placeholders()
  const text = randomProjection(random, placeholders)
  const ProjectionExpression = random.chance(SPOILED) ? `${text}, #nowhere` : text
  return { ProjectionExpression, ...placeholders.given() }
}

function batchGet(random: Random, TableName: string): RandomCommand {
  const Keys = Array.from({ length: 1 + random.below(5) }, () => randomKey(random))
  const RequestItems = { [TableName]: { Keys, ConsistentRead: true, ...projection(random) } }
  const input = { RequestItems }
  return command(
    'BatchGetItem',
    input,
    (client) => client.send(new BatchGetItemCommand(input)),
    false,
  )
}

function page(random: Random, placeholders: Placeholders) {
  return {
    ...(random.chance(0.4) && { Limit: 1 + random.below(4) }),
    ...(random.chance(0.3) && { FilterExpression: randomCondition(random, placeholders) }),
    ...(random.chance(0.2) && {
      ProjectionExpression: randomProjection(random, placeholders),
    }),
  }
}

function query(random: Random, TableName: string): RandomCommand {
  const placeholders = new Placeholders()
  const text = (...texts: [string, ...string[]]) => placeholders.value({ S: random.pick(texts) })
  const sortKey = () => text(...SORT_KEYS)
  const sort = random.pick<() => string>([
    () => '',
    () => '',
    () => ` AND begins_with(sk, ${text('B#', 'E#', 'E#GOLD', '')})`,
    () => ` AND sk BETWEEN ${text('A', 'B#GOLD', 'E#')} AND ${text('B#', 'E#GOLD#9', 'Z')}`,
    () => ` AND sk ${random.pick(['=', '<', '<=', '>', '>='])} ${sortKey()}`,
    () => ` AND ${sortKey()} ${random.pick(['=', '<', '<=', '>', '>='])} sk`,
    () => ` AND sk ${random.pick(['=', '<', '<=', '>', '>='])} ${sortKey()}`,
    () => ` AND begins_with(sk, ${text('B#', 'E#')})`,
    () =>
      random.pick<() => string>([
        () => ` OR sk = ${sortKey()}`,
        () => ` AND sk <> ${sortKey()}`,
        () => ` AND seq = ${placeholders.value({ N: '1' })}`,
      ])(),
  ])()
  const key = `pk = ${text(...PARTITIONS)}${sort}`
  const input = {
    TableName,
    KeyConditionExpression: random.chance(SPOILED) ? spoiled(random, key, placeholders) : key,
    ...page(random, placeholders),
    ...(random.chance(0.5) && { ScanIndexForward: random.chance(0.5) }),
    ...(random.chance(0.5) && { ConsistentRead: true }),
    ...(random.chance(0.05) && { ExclusiveStartKey: randomKey(random) }),
    ...placeholders.given(),
  }
  return command('Query', input, (client) => client.send(new QueryCommand(input)))
}

function queryIndex(random: Random, TableName: string): RandomCommand {
  const placeholders = new Placeholders()
  const isKeysOnly = random.chance(0.5)
  const partition = placeholders.name(isKeysOnly ? 'expiryShard' : 'kind')
  const sort = placeholders.name(isKeysOnly ? 'expiresAt' : 'at')
  const number = () => placeholders.value({ N: String(random.below(6)) })
  const range = random.pick<() => string>([
    () => `${sort} <= ${number()}`,
    () => `${sort} BETWEEN ${number()} AND ${number()}`,
    () => `${sort} = ${number()}`,
  ])()
  const key = `${partition} = ${placeholders.value({ S: `X#${random.below(3)}` })} AND ${range}`
  const input = {
    TableName,
    IndexName: isKeysOnly ? 'HoldExpiry' : 'ByKind',
    KeyConditionExpression: key,
    // Of entries with one key, none is the first: where a page would end between them is not said.
    ...(random.chance(0.2) && {
      FilterExpression: `attribute_exists(${placeholders.name('status')})`,
    }),
    ...(random.chance(0.5) && { ScanIndexForward: random.chance(0.5) }),
    ...(random.chance(0.03) && { ConsistentRead: true }),
    ...(random.chance(0.2) && { Select: 'COUNT' as const }),
    ...placeholders.given(),
  }
  return command('Query', input, (client) => client.send(new QueryCommand(input)), false)
}

function scan(random: Random, TableName: string): RandomCommand {
  const placeholders = new Placeholders()
  const filter = random.chance(0.6) && {
    FilterExpression: random.chance(0.5)
      ? `begins_with(sk, ${placeholders.value({ S: 'B#' })})`
      : randomCondition(random, placeholders),
  }
  const projected = random.chance(0.5) && { ProjectionExpression: 'pk, sk, seq' }
  const input = {
    TableName,
    ConsistentRead: true,
    ...filter,
    ...projected,
    ...placeholders.given(),
  }
  return command('Scan', input, (client) => client.send(new ScanCommand(input)), false)
}

function transactWrite(random: Random, TableName: string): RandomCommand {
  const TransactItems = Array.from({ length: 1 + random.below(4) }, () =>
    random.pick<() => TransactWriteItem>([
      () => ({ Put: putInput(random, TableName) }),
      () => ({ Put: putInput(random, TableName) }),
      () => ({ Update: updateInput(random, TableName) }),
      () => ({ Update: updateInput(random, TableName) }),
      () => ({ Delete: keyInput(random, TableName) }),
      () => ({ ConditionCheck: checkInput(random, TableName) }),
    ])(),
  )
  const input = { TransactItems }
  return command('TransactWriteItems', input, (client) =>
    client.send(new TransactWriteItemsCommand(input)),
  )
}

function checkInput(random: Random, TableName: string) {
  const placeholders = new Placeholders()
  const ConditionExpression = randomCondition(random, placeholders)
  return {
    TableName,
    Key: randomKey(random),
    ConditionExpression,
    ...(random.chance(0.6) && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...placeholders.given(),
  }
}

function transactGet(random: Random, TableName: string): RandomCommand {
  const TransactItems = Array.from({ length: 1 + random.below(4) }, () => ({
    Get: { TableName, Key: randomKey(random), ...projection(random) },
  }))
  const input = { TransactItems }
  return command('TransactGetItems', input, (client) =>
    client.send(new TransactGetItemsCommand(input)),
  )
}

function command(
  name: string,
  input: object,
  send: RandomCommand['send'],
  isOrdered = true,
): RandomCommand {
  return { name, input, send, isOrdered }
}
