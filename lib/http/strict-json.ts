import { invalidRequest } from './problem.ts'

/** Deeper than any request of ours, shallow enough for every recursive walk that follows. */
const MAX_DEPTH = 8

const STRING = /"(?:[^"\\]|\\.)*"/g
const INTEGER = /^-?(?:0|[1-9]\d*)$/
const FORBIDDEN_NAMES = new Set(['__proto__'])

/**
 * JSON as the standard has it, less what reads differently from what was written: a name given twice (the
 * last one would win), `__proto__`, and numbers such as 0.99999999999999999 that a double rounds to 1. Such
 * a number becomes NaN, which no schema accepts, so that the error names its field.
 */
export function parseStrictJson(text: string): unknown {
  parseJson(text)
  // Only of what is JSON, where every string has its end: on anything else this search could be slow.
  const structure = text.replace(STRING, '')
  if (deepest(structure) > MAX_DEPTH) throw invalidJson(`is nested deeper than ${MAX_DEPTH} levels`)

  let named = 0
  function check(this: unknown, name: string, value: unknown, context?: { source?: string }) {
    if (FORBIDDEN_NAMES.has(name)) throw invalidJson(`must not contain "${name}"`)
    if (!Array.isArray(this)) named += 1
    return typeof value === 'number' && !INTEGER.test(context?.source ?? '') ? Number.NaN : value
  }
  const value = parseJson(text, check)
  // The reviver sees each name once, and the root in an object of its own; the text has a colon for each.
  const written = structure.split(':').length
  if (named !== written) throw invalidJson('gives the same name twice')
  return value
}

function parseJson(text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidJson('is not valid JSON')
    throw error
  }
}

function invalidJson(message: string) {
  return invalidRequest([{ path: '', message: `The body ${message}` }])
}

function deepest(structure: string): number {
  let depth = 0
  let most = 0
  for (const character of structure) {
    if (character === '{' || character === '[') depth += 1
    if (character === '}' || character === ']') depth -= 1
    most = Math.max(most, depth)
  }
  return most
}
