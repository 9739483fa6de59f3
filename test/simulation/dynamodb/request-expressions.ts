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
  const all = [update, condition, keyCondition, filter, projection].filter(isGiven)

  if (all.length === 0) refuseWithout(request)
  if (names) refuseUnused('ExpressionAttributeNames', names, all, (one) => one.usedNames)
  if (given) refuseUnused('ExpressionAttributeValues', given, all, (one) => one.usedValues)
  return { update, condition, keyCondition, filter, projection, values }
}

const NO_VALUES: Values = {}
const PLACEHOLDERS = { '#': /^#[0-9a-zA-Z_]+$/, ':': /^:[0-9a-zA-Z_]+$/ }

function isGiven<Thing>(thing: Thing | undefined): thing is Thing {
  return thing !== undefined
}

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
    if (!PLACEHOLDERS[mark].test(name)) {
      throw invalid(`${label} contains invalid key: Syntax error; key: "${name}"`)
    }
  }
}

function checkedValues(given: Readonly<Record<string, Value>>): Values {
  let changed: Record<string, Value> | undefined
  for (const name in given) {
    const value = given[name]
    if (!value) continue
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
  all: readonly Parsed<unknown>[],
  usedOf: (parsed: Parsed<unknown>) => ReadonlyMap<string, string>,
): void {
  const used = all.map(usedOf)
  const isUsed = (name: string) => used.some((names) => names.has(name))
  if (Object.keys(given).every(isUsed)) return
  const unused = Object.keys(given).filter((name) => !isUsed(name))
  throw invalid(`Value provided in ${label} unused in expressions: keys: {${unused.join(', ')}}`)
}
