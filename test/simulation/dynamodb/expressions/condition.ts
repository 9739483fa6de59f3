import { invalid } from '../errors.ts'
import { bytesAsText, type Item, isSame, typeOf, type Value } from '../values.ts'
import { compares, order } from './compare.ts'
import { valueAt } from './paths.ts'
import type { Call, ConditionNode, NamedValue, Operand, Path } from './syntax.ts'

export type Values = Readonly<Record<string, Value>>

/** A condition that is ready to be asked about any item, with any values. */
export type Condition = (item: Item, values: Values) => boolean

type Read = (item: Item, values: Values) => Value | undefined

export function compileCondition(node: ConditionNode, label: string): Condition {
  const compile = (inner: ConditionNode) => compileCondition(inner, label)
  switch (node.type) {
    case 'and': {
      const [left, right] = both(node.args.map(compile))
      return (item, values) => left(item, values) && right(item, values)
    }
    case 'or': {
      const [left, right] = both(node.args.map(compile))
      return (item, values) => left(item, values) || right(item, values)
    }
    case 'not': {
      const [inner] = node.args.map(compile)
      return (item, values) => inner?.(item, values) === false
    }
    case 'function':
      return compileCall(node)
    case 'between':
      return compileBetween(node.args, label)
    case 'in': {
      const [sought, ...members] = node.args.map(compileOperand)
      return (item, values) => {
        const value = sought?.(item, values)
        return members.some((member) => compares('=', value, member(item, values)))
      }
    }
    default: {
      const { type, args } = node
      if (type !== '=' && type !== '<>') refuseUnordered(args, type, label)
      const [left, right] = both(args.map(compileOperand))
      return (item, values) => compares(type, left(item, values), right(item, values))
    }
  }
}

function compileOperand(operand: Operand): Read {
  if (isPath(operand)) return (item) => valueAt(item, operand)
  if (isValue(operand)) {
    const { called } = operand
    return (_, values) => values[called]
  }
  const [argument] = operand.args
  if (operand.name !== 'size' || !argument) throw new Error(`no value: ${operand.name}`)
  const read = compileOperand(argument)
  return (item, values) => {
    const size = sizeOf(read(item, values))
    return size === undefined ? undefined : { N: String(size) }
  }
}

export function isPath(operand: object): operand is Path {
  return Array.isArray(operand)
}

export function isValue(operand: object): operand is NamedValue {
  return 'called' in operand
}

function compileCall({ name, args }: Call): Condition {
  const [subject, argument] = args.map(compileOperand)
  if (!subject) throw new Error(`${name} of nothing`)
  switch (name) {
    case 'attribute_exists':
      return (item, values) => subject(item, values) !== undefined
    case 'attribute_not_exists':
      return (item, values) => subject(item, values) === undefined
    case 'attribute_type':
      return (item, values) => {
        const value = subject(item, values)
        return value !== undefined && typeOf(value) === argument?.(item, values)?.S
      }
    case 'begins_with':
      return (item, values) => beginsWith(subject(item, values), argument?.(item, values))
    case 'contains':
      return (item, values) => contains(subject(item, values), argument?.(item, values))
    default:
      throw new Error(`not a condition: ${name}`)
  }
}

function compileBetween(args: readonly Operand[], label: string): Condition {
  const [value, lower, upper] = args.map(compileOperand)
  refuseUnordered(args, 'BETWEEN', label)
  return (item, values) => {
    const [middle, low, high] = [value, lower, upper].map((read) => read?.(item, values))
    const [fromLow, toHigh] = [order(low, middle), order(middle, high)]
    return fromLow !== undefined && toHigh !== undefined && fromLow <= 0 && toHigh <= 0
  }
}

/** Where both ends are given: how the two values are called. */
export function rangesIn(node: ConditionNode): (readonly [low: string, high: string])[] {
  switch (node.type) {
    case 'and':
    case 'or':
    case 'not':
      return node.args.flatMap(rangesIn)
    case 'between': {
      const [, low, high] = node.args
      return low && high && isValue(low) && isValue(high) ? [[low.called, high.called]] : []
    }
    default:
      return []
  }
}

/** Only texts, numbers and bytes have an order. */
function refuseUnordered(args: readonly Operand[], operator: string, label: string): void {
  for (const operand of args) {
    const type = isValue(operand) ? typeOf(operand) : 'S'
    if (type === 'S' || type === 'N' || type === 'B') continue
    throw invalid(
      `Invalid ${label}: Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    )
  }
}

/** The first must not be after the second: that is a mistake, and not a range with nothing in it. */
export function refuseTurnedRound(
  low: Value | undefined,
  high: Value | undefined,
  label: string,
): void {
  const difference = order(low, high)
  if (low && high && difference !== undefined && difference > 0) {
    throw invalid(
      `Invalid ${label}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: ${shown(low)}, upper bound operand: AttributeValue: ${shown(high)}`,
    )
  }
}

function shown(value: Value): string {
  const type = typeOf(value)
  return `{${type}:${String(value[type])}}`
}

function beginsWith(value: Value | undefined, prefix: Value | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S)
  if (value?.B === undefined || prefix?.B === undefined) return false
  return bytesAsText(value.B).startsWith(bytesAsText(prefix.B))
}

function contains(value: Value | undefined, part: Value | undefined): boolean {
  if (!value || !part) return false
  if (value.L) return value.L.some((element) => isSame(element, part))
  if (part.S !== undefined) return (value.S ?? value.SS)?.includes(part.S) ?? false
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false
  if (part.B === undefined) return false
  const bytes = bytesAsText(part.B)
  if (value.B) return bytesAsText(value.B).includes(bytes)
  return value.BS?.some((member) => bytesAsText(member) === bytes) ?? false
}

function sizeOf(value: Value | undefined): number | undefined {
  if (!value) return undefined
  if (value.S !== undefined) return value.S.length
  if (value.B) return value.B.byteLength
  if (value.M) return Object.keys(value.M).length
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length
}

function both<Thing>(things: readonly Thing[]): [Thing, Thing] {
  const [first, second] = things
  if (first === undefined || second === undefined) throw new Error('an operator wants two')
  return [first, second]
}
