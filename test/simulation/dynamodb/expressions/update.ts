import { invalid } from '../errors.ts'
import { addNumbers, subtractNumbers } from '../numbers.ts'
import { attribute, bytesAsText, type Item, typeOf, type Value } from '../values.ts'
import { isPath, isValue, type Values } from './condition.ts'
import { valueAt } from './paths.ts'
import type { Path, UpdateSection, UpdateSyntax, UpdateValue } from './syntax.ts'

/** An update that is ready to be made of any item, with any values: what the item is after it. */
export type Update = (item: Item, values: Values) => Item

type Evaluate = (item: Item, values: Values) => Value
/** What a section puts where; nothing where it takes away. */
type Change = (
  item: Item,
  values: Values,
) => { readonly path: Path; readonly value: Value | undefined } | undefined

/** Every value is of the item as it was before, and every place, too: so what is removed goes last, from behind. */
export function compileUpdate({ sections }: UpdateSyntax): Update {
  const changes = inOrder(sections).map(compileSection)
  return (item, values) => {
    const made = changes.map((change) => change(item, values))
    let after: Record<string, Value> = { ...item }
    for (const change of made) {
      if (!change) continue
      const [head, ...rest] = change.path
      if (typeof head !== 'string') throw invalid(INVALID_PATH)
      if (rest.length > 0)
        after = { ...after, [head]: changedBelow(after[head], rest, change.value) }
      else if (change.value) after[head] = change.value
      else delete after[head]
    }
    return after
  }
}

const INVALID_PATH = 'The document path provided in the update expression is invalid for update'
const WRONG_TYPE = 'An operand in the update expression has an incorrect data type'
const NOT_THERE = 'The provided expression refers to an attribute that does not exist in the item'

/** Elements are added in the order of their places, and taken away the other way round. */
function inOrder(sections: readonly UpdateSection[]): UpdateSection[] {
  const isRemoval = ({ type }: UpdateSection) => type === 'remove'
  return [
    ...sections
      .filter((section) => !isRemoval(section))
      .sort((a, b) => lastPlace(a) - lastPlace(b)),
    ...sections.filter(isRemoval).sort((a, b) => lastPlace(b) - lastPlace(a)),
  ]
}

function lastPlace({ path }: UpdateSection): number {
  const last = path.at(-1)
  return typeof last === 'number' ? last : -1
}

function compileSection(section: UpdateSection): Change {
  const { path } = section
  switch (section.type) {
    case 'set': {
      const evaluate = compileValue(section.val)
      return (item, values) => ({ path, value: evaluate(item, values) })
    }
    case 'remove':
      return () => ({ path, value: undefined })
    case 'add': {
      const { called } = section.val
      return (item, values) => ({ path, value: added(valueAt(item, path), values[called]) })
    }
    case 'delete': {
      const { called } = section.val
      return (item, values) => {
        const existing = valueAt(item, path)
        return existing && { path, value: without(existing, values[called]) }
      }
    }
  }
}

function compileValue(value: UpdateValue): Evaluate {
  if (isPath(value)) return (item) => valueAt(item, value) ?? missing()
  if (isValue(value)) {
    const { called } = value
    return (_, values) => values[called] ?? missing()
  }
  const [first, second] = value.args
  if (!first || !second) throw new Error(`${value.type} wants two`)
  if (value.type === 'function' && value.name === 'if_not_exists') {
    const otherwise = compileValue(second)
    if (!isPath(first)) throw new Error('if_not_exists wants a path')
    return (item, values) => valueAt(item, first) ?? otherwise(item, values)
  }
  const [left, right] = [compileValue(first), compileValue(second)]
  return (item, values) => combined(value.type, left(item, values), right(item, values))
}

function combined(type: 'add' | 'subtract' | 'function', left: Value, right: Value): Value {
  if (type === 'function') {
    if (!left.L || !right.L) throw invalid(WRONG_TYPE)
    return { L: [...left.L, ...right.L] }
  }
  if (left.N === undefined || right.N === undefined) throw invalid(WRONG_TYPE)
  return { N: type === 'add' ? addNumbers(left.N, right.N) : subtractNumbers(left.N, right.N) }
}

function missing(): never {
  throw invalid(NOT_THERE)
}

function added(existing: Value | undefined, more: Value | undefined): Value {
  if (!more) return missing()
  if (!existing) return more.N === undefined ? more : { N: addNumbers('0', more.N) }
  if (typeOf(existing) !== typeOf(more)) throw invalid(WRONG_TYPE)
  if (existing.N !== undefined && more.N !== undefined) {
    return { N: addNumbers(existing.N, more.N) }
  }
  if (existing.SS && more.SS) return { SS: [...new Set([...existing.SS, ...more.SS])] }
  if (existing.NS && more.NS) return { NS: [...new Set([...existing.NS, ...more.NS])] }
  if (existing.BS && more.BS) {
    const members = [...existing.BS, ...more.BS].map(
      (bytes) => [bytesAsText(bytes), bytes] as const,
    )
    return { BS: [...new Map(members).values()] }
  }
  throw invalid(WRONG_TYPE)
}

/** What is left of a set; nothing, where nothing is. */
function without(existing: Value, less: Value | undefined): Value | undefined {
  if (!less) return missing()
  if (typeOf(existing) !== typeOf(less)) throw invalid(WRONG_TYPE)
  if (existing.SS && less.SS) return setOf('SS', remaining(existing.SS, new Set(less.SS), same))
  if (existing.NS && less.NS) return setOf('NS', remaining(existing.NS, new Set(less.NS), same))
  if (existing.BS && less.BS) {
    const taken = new Set(less.BS.map(bytesAsText))
    const left = remaining(existing.BS, taken, bytesAsText)
    return left.length > 0 ? { BS: left } : undefined
  }
  throw invalid(WRONG_TYPE)
}

const same = (text: string) => text

function remaining<Member>(
  members: readonly Member[],
  taken: ReadonlySet<string>,
  asText: (member: Member) => string,
): Member[] {
  return members.filter((member) => !taken.has(asText(member)))
}

function setOf(type: 'SS' | 'NS', members: string[]): Value | undefined {
  if (members.length === 0) return undefined
  return type === 'SS' ? { SS: members } : { NS: members }
}

/** A copy of what is on the way, with something else at its end. */
function changedBelow(parent: Value | undefined, path: Path, value: Value | undefined): Value {
  const [piece, ...rest] = path
  if (typeof piece === 'number') {
    if (!parent?.L) throw invalid(INVALID_PATH)
    return { L: changedList(parent.L, piece, rest, value) }
  }
  if (!parent?.M || piece === undefined) throw invalid(INVALID_PATH)
  const { [piece]: _, ...others } = parent.M
  const child = rest.length > 0 ? changedBelow(attribute(parent.M, piece), rest, value) : value
  return { M: child ? { ...others, [piece]: child } : others }
}

function changedList(
  list: readonly Value[],
  place: number,
  rest: Path,
  value: Value | undefined,
): Value[] {
  const child = rest.length > 0 ? changedBelow(list[place], rest, value) : value
  if (!child) return list.filter((_, at) => at !== place)
  return place < list.length ? list.with(place, child) : [...list, child]
}
