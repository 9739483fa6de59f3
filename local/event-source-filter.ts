import type { FilterPattern, FilterRule, NumericOperator } from '../lib/audit/stream-mapping.ts'

/** Lambda's event filtering, as far as patterns for a table's stream use it. No pattern at all lets everything through. */
export function createFilter(patterns: readonly FilterPattern[]): (record: unknown) => boolean {
  for (const pattern of patterns) requireKnown(pattern)
  return (record) => patterns.length === 0 || patterns.some((pattern) => fits(pattern, record))
}

const OPERATORS: readonly string[] = ['prefix', 'exists', 'anything-but', 'numeric']

const COMPARE: Record<NumericOperator, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
}

function fits(pattern: FilterPattern, value: unknown): boolean {
  // Of a list, one element has to fit, and that one in all fields.
  if (Array.isArray(value)) return value.some((element) => fits(pattern, element))
  return Object.entries(pattern).every(([field, expected]) => {
    const found = isObject(value) && Object.hasOwn(value, field) ? value[field] : undefined
    return isRules(expected) ? oneHolds(expected, leavesOf(found)) : fits(expected, found)
  })
}

function oneHolds(rules: readonly FilterRule[], leaves: readonly unknown[]): boolean {
  return rules.some((rule) =>
    isOperation(rule) && 'exists' in rule
      ? rule.exists === leaves.length > 0
      : leaves.some((leaf) => holds(rule, leaf)),
  )
}

function holds(rule: FilterRule, leaf: unknown): boolean {
  if (!isOperation(rule)) return rule === leaf
  if ('prefix' in rule) return typeof leaf === 'string' && leaf.startsWith(rule.prefix)
  if ('anything-but' in rule) return !rule['anything-but'].some((value) => value === leaf)
  if ('numeric' in rule) return typeof leaf === 'number' && isWithin(leaf, rule.numeric)
  return false
}

/** Only what a record says in JSON numbers; a table's own numbers are strings in there, which no range fits. */
function isWithin(value: number, range: readonly (NumericOperator | number)[]): boolean {
  for (let at = 0; at < range.length; at += 2) {
    const [operator, bound] = [range[at], range[at + 1]]
    if (typeof operator !== 'string' || typeof bound !== 'number') return false
    if (!COMPARE[operator](value, bound)) return false
  }
  return true
}

/** Rules, `exists` too, look at plain values only: something that has fields of its own counts as not there. */
function leavesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  return value === undefined || isObject(value) ? [] : [value]
}

/** Lambda too refuses a pattern that it cannot read when the mapping is made, not when records come. */
function requireKnown(pattern: FilterPattern): void {
  for (const [field, expected] of Object.entries(pattern)) {
    if (!isRules(expected)) requireKnown(expected)
    else if (!expected.every(isKnown))
      throw new Error(`the filter rule for ${field} is none that is known here`)
  }
}

function isKnown(rule: FilterRule): boolean {
  return !isOperation(rule) || Object.keys(rule).every((operator) => OPERATORS.includes(operator))
}

function isRules(
  expected: FilterPattern | readonly FilterRule[],
): expected is readonly FilterRule[] {
  return Array.isArray(expected)
}

function isOperation(rule: FilterRule): rule is Extract<FilterRule, object> {
  return typeof rule === 'object' && rule !== null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
