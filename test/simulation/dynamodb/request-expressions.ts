import { invalid } from './errors.ts'
import type { Values } from './expressions/condition.ts'
import {
  type Parsed,
  parseCondition,
  parseFilter,
  parseKeyCondition,
  parseProjection,
  parseUpdate,
} from './expressions/parse.ts'
import { checked, type Value } from './values.ts'

/** As much of a request as is about expressions. */
export interface WithExpressions {
  readonly ConditionExpression?: string | undefined
  readonly FilterExpression?: string | undefined
  readonly KeyConditionExpression?: string | undefined
  readonly UpdateExpression?: string | undefined
  readonly ProjectionExpression?: string | undefined
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined
  readonly ExpressionAttributeValues?: Readonly<Record<string, Value>> | undefined
}

export type RequestExpressions = ReturnType<typeof readExpressions>

/** All expressions of a request; what they name must be given, and what is given must be named. */
export function readExpressions(request: WithExpressions) {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: given } = request
  if (names) checkPlaceholders('ExpressionAttributeNames', '#', names)
  if (given) checkPlaceholders('ExpressionAttributeValues', ':', given)
  const values = given ? checkedValues(given) : NO_VALUES
  const placeholders = { names, values }
  const read = <Made>(
    text: string | undefined,
    parse: (text: string, from: typeof placeholders) => Parsed<Made>,
  ) => {
    if (text === undefined) return undefined
    const parsed = parse(text, placeholders)
    parsed.check(values)
    return parsed
  }

  const update = read(request.UpdateExpression, parseUpdate)
  const condition = read(request.ConditionExpression, parseCondition)
  const keyCondition = read(request.KeyConditionExpression, parseKeyCondition)
  const filter = read(request.FilterExpression, parseFilter)
  const projection = read(request.ProjectionExpression, parseProjection)
  const all = [update, condition, keyCondition, filter, projection]

  if (all.every((one) => one === undefined)) refuseWithout(request)
  if (names) refuseUnused('ExpressionAttributeNames', names, all, (one) => one.usedNames)
  if (given) refuseUnused('ExpressionAttributeValues', given, all, (one) => one.usedValues)
  return { update, condition, keyCondition, filter, projection, values }
}

const NO_VALUES: Values = {}
const PLACEHOLDER = /^[#:][0-9a-zA-Z_]+$/

function refuseWithout({ ExpressionAttributeNames, ExpressionAttributeValues }: WithExpressions) {
  if (ExpressionAttributeNames) {
    throw invalid('ExpressionAttributeNames can only be specified when using expressions')
  }
  if (ExpressionAttributeValues) {
    throw invalid(
      'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
    )
  }
}

function checkPlaceholders(label: string, mark: '#' | ':', given: object): void {
  const names = Object.keys(given)
  if (names.length === 0) throw invalid(`${label} must not be empty`)
  for (const name of names) {
    if (!name.startsWith(mark) || !PLACEHOLDER.test(name)) {
      throw invalid(`${label} contains invalid key: Syntax error; key: "${name}"`)
    }
  }
}

function checkedValues(given: Readonly<Record<string, Value>>): Values {
  let changed: Record<string, Value> | undefined
  for (const [name, value] of Object.entries(given)) {
    const kept = checkedValue(name, value)
    if (kept === value) continue
    changed ??= { ...given }
    changed[name] = kept
  }
  return changed ?? given
}

function checkedValue(name: string, value: Value): Value {
  try {
    return checked(value)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw invalid(
      `ExpressionAttributeValues contains invalid value: ${error.message} for key ${name}`,
    )
  }
}

function refuseUnused(
  label: string,
  given: object,
  all: readonly (Parsed<unknown> | undefined)[],
  usedOf: (parsed: Parsed<unknown>) => ReadonlyMap<string, string>,
): void {
  const unused = Object.keys(given).filter(
    (name) => !all.some((one) => one && usedOf(one).has(name)),
  )
  if (unused.length > 0) {
    throw invalid(`Value provided in ${label} unused in expressions: keys: {${unused.join(', ')}}`)
  }
}
