import { invalid } from '../errors.ts'
import type { Value } from '../values.ts'
import { isPath, isValue, type Values } from './condition.ts'
import type { Comparator, ConditionNode, Operand } from './syntax.ts'

export type RangeOperator = '=' | '<' | '<=' | '>' | '>=' | 'between' | 'begins_with'

/** What a query says of one attribute. */
export interface KeyPart {
  readonly name: string
  readonly operator: RangeOperator
  readonly operands: readonly Value[]
}

/** What a query says of its keys: one thing of each attribute. */
export type KeyCondition = (values: Values) => readonly KeyPart[]

interface Term {
  readonly name: string
  readonly operator: RangeOperator
  readonly called: readonly string[]
}

export function compileKeyCondition(node: ConditionNode): KeyCondition {
  const terms = termsOf(node)
  if (new Set(terms.map(({ name }) => name)).size < terms.length) {
    throw invalid('KeyConditionExpressions must only contain one condition per key')
  }
  return (values) =>
    terms.map(({ name, operator, called }) => {
      const operands = called.flatMap((placeholder) => values[placeholder] ?? [])
      return { name, operator, operands }
    })
}

function termsOf(node: ConditionNode): Term[] {
  switch (node.type) {
    case 'and':
      return node.args.flatMap(termsOf)
    case 'or':
    case 'not':
    case 'in':
    case '<>':
      throw invalid(`Invalid operator used in KeyConditionExpression: ${node.type.toUpperCase()}`)
    case 'function':
      if (node.name !== 'begins_with') {
        throw invalid(`Invalid operator used in KeyConditionExpression: ${node.name}`)
      }
      return [termOf('begins_with', node.args)]
    case 'between':
      return [termOf('between', node.args)]
    default: {
      const [left, right] = node.args
      const isTurned = left && right && !isPath(left) && isPath(right)
      return isTurned ? [termOf(TURNED[node.type], [right, left])] : [termOf(node.type, node.args)]
    }
  }
}

const TURNED: Readonly<Record<Exclude<Comparator, '<>'>, RangeOperator>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

const INVALID = 'Invalid condition in KeyConditionExpression:'

function termOf(operator: RangeOperator, [subject, ...operands]: readonly Operand[]): Term {
  if (!subject || !isPath(subject)) {
    throw invalid(
      operator === 'between' || operator === 'begins_with'
        ? `${INVALID} ${operator === 'between' ? 'BETWEEN' : operator} operator must have the key attribute as its first operand`
        : `${INVALID} No key attribute specified`,
    )
  }
  const [name] = subject
  if (subject.length > 1 || typeof name !== 'string') {
    throw invalid('KeyConditionExpressions cannot have conditions on nested attributes')
  }
  const called = operands.map((operand) => {
    if (isPath(operand)) {
      throw invalid(`${INVALID} Multiple attribute names used in one condition`)
    }
    if (!isValue(operand)) {
      throw invalid('KeyConditionExpressions cannot contain nested operations')
    }
    return operand.called
  })
  return { name, operator, called }
}
