/**
 * What of each command is simulated. DynamoDB has more; a simulation that passed over it in silence would say that code
 * works which nobody has seen work.
 */
export function refuseUnknown(command: object, input: object): void {
  const name = command.constructor.name
  const known = KNOWN[name]
  if (!known) throw new Error(`not simulated: ${name}`)
  for (const parameter in input) {
    if (Reflect.get(input, parameter) !== undefined && !known.has(parameter)) {
      throw new Error(`not simulated: ${name} with ${parameter}`)
    }
  }
}

const EXPRESSIONS = ['ExpressionAttributeNames', 'ExpressionAttributeValues']
const CONDITION = [
  ...EXPRESSIONS,
  'ConditionExpression',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnValues',
]
const PAGE = [
  ...EXPRESSIONS,
  'TableName',
  'ConsistentRead',
  'ExclusiveStartKey',
  'FilterExpression',
  'Limit',
  'ProjectionExpression',
  'Select',
]

const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  GetItemCommand: new Set([
    'TableName',
    'Key',
    'ConsistentRead',
    'ProjectionExpression',
    'ExpressionAttributeNames',
  ]),
  BatchGetItemCommand: new Set(['RequestItems']),
  TransactGetItemsCommand: new Set(['TransactItems']),
  TransactWriteItemsCommand: new Set(['TransactItems', 'ClientRequestToken']),
  PutItemCommand: new Set(['TableName', 'Item', ...CONDITION]),
  UpdateItemCommand: new Set(['TableName', 'Key', 'UpdateExpression', ...CONDITION]),
  DeleteItemCommand: new Set(['TableName', 'Key', ...CONDITION]),
  QueryCommand: new Set([...PAGE, 'IndexName', 'KeyConditionExpression', 'ScanIndexForward']),
  ScanCommand: new Set(PAGE),
}
