import type { Value } from '../values.ts'

/** What dynalite's parsers take and make. A mistake in an expression is a text; a syntax error is thrown. */
export interface Parser<Syntax> {
  readonly parse: (text: string, options: { readonly context: ParserContext }) => Syntax | string
}

export interface ParserContext {
  readonly attrNames: Readonly<Record<string, string>>
  readonly attrVals: Readonly<Record<string, NamedValue>>
  /** The parser removes what it meets. */
  readonly unusedAttrNames: Record<string, true>
  readonly unusedAttrVals: Record<string, true>
  readonly isReserved: (name: string) => boolean
  readonly compare: (operator: string, a: Value, b: Value) => boolean
}

/** A value that still knows what it is called in the expression: the expression is kept, and used with others. */
export type NamedValue = Value & { readonly called: string }

export type Path = readonly (string | number)[]

export type Operand = Path | NamedValue | Call

export interface Call {
  readonly type: 'function'
  readonly name: string
  readonly args: readonly Operand[]
}

export type ConditionNode =
  | { readonly type: 'and' | 'or' | 'not'; readonly args: readonly ConditionNode[] }
  | { readonly type: Comparator | 'between' | 'in'; readonly args: readonly Operand[] }
  | Call

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

export interface ConditionSyntax {
  readonly expression: ConditionNode
  /** First pieces of paths, and those of paths that go on. */
  readonly pathHeads: Readonly<Record<string, true>>
  readonly nestedPaths: Readonly<Record<string, true>>
}

export type UpdateValue =
  | Operand
  | { readonly type: 'add' | 'subtract'; readonly args: readonly UpdateValue[] }

export type UpdateSection =
  | {
      readonly type: 'set'
      readonly path: Path
      readonly val: UpdateValue
      readonly attrType: string | null
    }
  | { readonly type: 'remove'; readonly path: Path }
  | {
      readonly type: 'add' | 'delete'
      readonly path: Path
      readonly val: NamedValue
      readonly attrType: string
    }

export interface UpdateSyntax {
  readonly sections: readonly UpdateSection[]
  readonly paths: readonly Path[]
  readonly nestedPaths: Readonly<Record<string, true>>
}

export interface ProjectionSyntax {
  readonly paths: readonly Path[]
  readonly nestedPaths: Readonly<Record<string, true>>
}
