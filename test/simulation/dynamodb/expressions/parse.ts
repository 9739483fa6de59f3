import conditionParser from 'dynalite/db/conditionParser.js'
import projectionParser from 'dynalite/db/projectionParser.js'
import updateParser from 'dynalite/db/updateParser.js'
import { invalid } from '../errors.ts'
import { typeOf, type Value } from '../values.ts'
import { compares } from './compare.ts'
import { compileCondition, rangesIn, refuseTurnedRound, type Values } from './condition.ts'
import { compileKeyCondition } from './key-condition.ts'
import { compileProjection } from './projection.ts'
import { RESERVED_WORDS } from './reserved-words.ts'
import type {
  ConditionSyntax,
  NamedValue,
  Parser,
  ParserContext,
  ProjectionSyntax,
  UpdateSyntax,
} from './syntax.ts'
import { compileUpdate } from './update.ts'

const MOST_KEPT = 10_000

/** Of a request: what its expressions may name. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>> | undefined
  readonly values: Readonly<Record<string, Value>> | undefined
}

/** An expression that was understood, with what it made of the names and types that it was understood with. */
export interface Parsed<Made> {
  readonly made: Made
  readonly pathHeads: ReadonlySet<string>
  readonly nestedHeads: ReadonlySet<string>
  /** By placeholder: names, and types of values. */
  readonly usedNames: ReadonlyMap<string, string>
  readonly usedValues: ReadonlyMap<string, string>
  /** Fails where values are wrong together. */
  readonly check: (values: Values) => void
}

type Parse<Made> = (text: string, placeholders: Placeholders) => Parsed<Made>

/**
 * Parsing takes longer than everything else, and the code under test says the same few things again and again. So an
 * expression is kept, and is as good as parsed wherever its names mean the same and its values are of the same types.
 */
function remembering<Syntax extends AnySyntax, Made>(
  parser: Parser<Syntax>,
  label: string,
  compile: (syntax: Syntax) => Made,
): Parse<Made> {
  const known = new Map<string, Parsed<Made>[]>()
  return (text, placeholders) => {
    const variants = known.get(text) ?? []
    const variant = variants.find((candidate) => fits(candidate, placeholders))
    if (variant) return variant
    const parsed = parse(parser, label, compile, text, placeholders)
    if (known.size > MOST_KEPT) known.clear()
    // The name of a type is a value: what was right with one is not with another.
    if (!text.includes('attribute_type')) known.set(text, [...variants, parsed])
    return parsed
  }
}

export const parseCondition = conditionsIn('ConditionExpression')
export const parseFilter = conditionsIn('FilterExpression')
export const parseKeyCondition = remembering(conditionParser, 'KeyConditionExpression', (syntax) =>
  compileKeyCondition(syntax.expression),
)
export const parseUpdate = remembering(updateParser, 'UpdateExpression', (syntax) => ({
  update: compileUpdate(syntax),
  sections: syntax.sections,
}))
export const parseProjection = remembering(
  projectionParser,
  'ProjectionExpression',
  compileProjection,
)

function conditionsIn(label: string) {
  return remembering(conditionParser, label, (syntax) => compileCondition(syntax.expression, label))
}

type AnySyntax = ConditionSyntax | UpdateSyntax | ProjectionSyntax

function fits(
  { usedNames, usedValues }: Parsed<unknown>,
  { names, values }: Placeholders,
): boolean {
  for (const [placeholder, name] of usedNames) if (names?.[placeholder] !== name) return false
  for (const [placeholder, type] of usedValues) {
    const value = values?.[placeholder]
    if (!value || typeOf(value) !== type) return false
  }
  return true
}

function parse<Syntax extends AnySyntax, Made>(
  parser: Parser<Syntax>,
  label: string,
  compile: (syntax: Syntax) => Made,
  text: string,
  { names = {}, values = {} }: Placeholders,
): Parsed<Made> {
  if (text === '') throw invalid(`Invalid ${label}: The expression can not be empty;`)
  const context: ParserContext = {
    attrNames: names,
    attrVals: Object.fromEntries(Object.entries(values).map(named)),
    unusedAttrNames: all(names),
    unusedAttrVals: all(values),
    isReserved: (name) => RESERVED_WORDS.has(name.toUpperCase()),
    compare: (operator, a, b) => operator === 'GT' && compares('>', a, b),
  }
  const syntax = parsedBy(parser, label, text, context)
  if (typeof syntax === 'string') throw invalid(`Invalid ${label}: ${syntax}`)
  const ranges = 'expression' in syntax ? rangesIn(syntax.expression) : []
  return {
    made: compile(syntax),
    pathHeads: new Set(headsOf(syntax)),
    nestedHeads: new Set(Object.keys(syntax.nestedPaths)),
    usedNames: new Map(
      Object.entries(names).filter(([placeholder]) => !context.unusedAttrNames[placeholder]),
    ),
    usedValues: new Map(
      Object.entries(values)
        .filter(([placeholder]) => !context.unusedAttrVals[placeholder])
        .map(([placeholder, value]) => [placeholder, typeOf(value)]),
    ),
    check(used) {
      for (const [low, high] of ranges) refuseTurnedRound(used[low], used[high], label)
    },
  }
}

function parsedBy<Syntax>(
  parser: Parser<Syntax>,
  label: string,
  text: string,
  context: ParserContext,
): Syntax | string {
  try {
    return parser.parse(text, { context })
  } catch (error) {
    // The parser's own account of it, which DynamoDB words in another way.
    throw invalid(`Invalid ${label}: Syntax error; ${error instanceof Error ? error.message : ''}`)
  }
}

function headsOf(syntax: AnySyntax): string[] {
  if ('pathHeads' in syntax) return Object.keys(syntax.pathHeads)
  return syntax.paths.map(([head]) => String(head))
}

function named([called, value]: [string, Value]): [string, NamedValue] {
  return [called, { ...value, called }]
}

function all(things: object): Record<string, true> {
  return Object.fromEntries(Object.keys(things).map((name) => [name, true]))
}
