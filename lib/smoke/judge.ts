import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import type { Answer, Reply } from './door.ts'

/** What matters of an answer, by name, so that what is compared is also what is said. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface Expectation {
  readonly status: number
  readonly facts?: Facts
  /** Finds facts in an answer; undefined where it is not what such an answer has to be. */
  readonly read?: (answer: Answer) => Facts | undefined
}

export interface Verdict {
  readonly isAsExpected: boolean
  readonly expected: string
  readonly seen: string
}

const problem = z.looseObject({ code: z.string(), detail: z.string() })

export function judge(
  reply: Reply,
  { status, facts = {}, read = () => ({}) }: Expectation,
): Verdict {
  const expected = inWords(status, facts)
  if (reply.kind === 'silence') return { isAsExpected: false, expected, seen: reply.reason }
  const found = reply.status === status ? read(reply) : undefined
  const seen = found ? inWords(status, found) : whatCame(reply, status)
  const isAsExpected =
    found !== undefined &&
    Object.entries(facts).every(([name, fact]) => isDeepStrictEqual(found[name], fact))
  return { isAsExpected, expected, seen: isAsExpected ? seen : `${seen}${requestOf(reply)}` }
}

function inWords(status: number, facts: Facts): string {
  const words = Object.entries(facts).map(([name, fact]) => `${name} ${String(fact)}`)
  return [status, ...words].join(', ')
}

/** Its problem, where it is one of ours; or else what it is instead. */
function whatCame({ status, headers, json }: Answer, expected: number): string {
  const said = problem.safeParse(json)
  if (said.success) return `${status} ${said.data.code}: ${said.data.detail}`
  const type = headers.get('content-type') ?? 'something without a type'
  return `${status}, ${type}${json === undefined ? ' and no JSON' : ''}${status === expected ? ', of another form' : ''}`
}

/** API Gateway has an id for what it answers itself. */
function requestOf({ headers }: Answer): string {
  const id = headers.get('x-request-id') ?? headers.get('apigw-requestid')
  return id === null ? '' : ` (request ${id})`
}
