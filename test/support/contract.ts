import * as z from 'zod'
import { matchPath } from '../../lib/http/routes.ts'
import { child, children, faultsBy, type Place, root } from './openapi.ts'

/** Holds real answers against docs/openapi.json: the document is a promise, and this is how it is kept. */

export interface SentRequest {
  readonly method: string
  /** As it was sent, with its query. */
  readonly path: string
}

export interface GivenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const PATHS = Array.from(children(child(root, 'paths')))
const PROBLEM_TYPE = 'application/problem+json'
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/
const INTERNAL_ERROR = 500

/** What is no operation is not there or not allowed, unless it is too long or its caller is refused before that. */
const UNDOCUMENTED = new Set([401, 404, 405, 414, 429, 431])

/**
 * Throws where an answer is not what the document says that this request may be answered. A REST API has another name
 * for some headers, and nobody can tell it otherwise.
 */
export function checkAnswer(request: SentRequest, answer: GivenAnswer): void {
  const operation = findOperation(request)
  const faults = operation
    ? faultsOfOperation(operation, request, answer)
    : faultsOfUnknown(request, answer)
  if (faults.length === 0) return
  const { method, path } = request
  throw new Error(
    `${method} ${path} answered ${answer.status} against its contract: ${faults.join('; ')}\n${answer.text}`,
  )
}

/** The operation's place in the document; undefined for a method or path that it does not have. */
export function findOperation({ method, path }: SentRequest): Place | undefined {
  const [pathOnly = ''] = path.split('?')
  const matching = PATHS.filter(([template]) => matchPath(template, pathOnly))
  // A path without parameters is itself before it is an example of another.
  const [, found] = matching.find(([template]) => template === pathOnly) ?? matching[0] ?? []
  return found && child(found, method.toLowerCase())
}

function faultsOfOperation(operation: Place, request: SentRequest, answer: GivenAnswer): string[] {
  const { status, headers } = answer
  if (status === INTERNAL_ERROR) return ['nothing may answer 500']
  const responses = child(operation, 'responses')
  const documented = responses && child(responses, String(status))
  if (!documented) return ['the status is not documented']
  return [
    ...Array.from(children(child(documented, 'headers'))).flatMap(([name, header]) =>
      faultsOfHeader(name, header, headers.get(name) ?? headers.get(`x-amzn-remapped-${name}`)),
    ),
    ...faultsOfBody(children(child(documented, 'content')), request, answer),
  ]
}

function faultsOfHeader(name: string, header: Place, given: string | null): string[] {
  if (given === null) return header.value['required'] === true ? [`${name} is missing`] : []
  const schema = child(header, 'schema')
  if (!schema) return [`${name} has no schema`]
  const isNumber = schema.value['type'] === 'integer' && /^\d+$/.test(given)
  const faults = faultsBy(schema.pointer, isNumber ? Number(given) : given)
  return faults.map((fault) => `${name}: ${fault}`)
}

function faultsOfBody(
  content: ReadonlyMap<string, Place>,
  { method }: SentRequest,
  answer: GivenAnswer,
): string[] {
  const { headers, text } = answer
  const type = headers.get('content-type')
  if (content.size === 0) return text === '' && type === null ? [] : ['it has a body']
  const media = content.get(type ?? '')
  const schema = media && child(media, 'schema')
  if (!schema) return [`the content type ${type} is not documented`]
  if (method === 'HEAD') return []
  if (!JSON_TYPE.test(type ?? '')) return faultsBy(schema.pointer, text)
  const body = parsed(text)
  const faults = faultsBy(schema.pointer, body)
  return type === PROBLEM_TYPE ? [...faults, ...problemFaults(body, answer)] : faults
}

function faultsOfUnknown({ method }: SentRequest, answer: GivenAnswer): string[] {
  const { status, headers, text } = answer
  if (!UNDOCUMENTED.has(status)) return ['this is no operation, and yet it was carried out']
  if (headers.get('content-type') !== PROBLEM_TYPE) return ['it is not a problem']
  if (method === 'HEAD') return headers.has('x-request-id') ? [] : ['X-Request-Id is missing']
  const body = parsed(text)
  return [...faultsBy('/components/schemas/Problem', body), ...problemFaults(body, answer)]
}

const problemFacts = z.object({ status: z.number(), requestId: z.string() })

/** A problem says twice which status it has and which request it is about. */
function problemFaults(body: unknown, { status, headers }: GivenAnswer): string[] {
  const facts = problemFacts.safeParse(body).data
  return [
    ...(facts?.status === status ? [] : ['the problem is of another status']),
    ...(facts?.requestId === headers.get('x-request-id')
      ? []
      : ['the problem is of another request']),
  ]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
