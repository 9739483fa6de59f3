import { faultsBy } from '../openapi.ts'
import type { RawRequest } from '../sign.ts'
import type { Operation } from './operations.ts'

/** A request by its parts, as somebody means it who has read the document. */
export interface Draft {
  readonly operation: Operation
  readonly path: Readonly<Record<string, unknown>>
  readonly query: readonly (readonly [string, unknown])[]
  readonly headers: RawRequest['headers']
  readonly body: unknown
}

export const JSON_HEADERS = { 'content-type': 'application/json' }

export function toRequest({ operation, path, query, headers, body }: Draft): RawRequest {
  const filled = operation.template.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(wellFormed(path[name])),
  )
  const written = query.map((pair) =>
    pair.map((part) => encodeURIComponent(wellFormed(part))).join('='),
  )
  return {
    method: operation.method,
    target: written.length > 0 ? `${filled}?${written.join('&')}` : filled,
    headers,
    body: body === undefined ? '' : JSON.stringify(body),
  }
}

function wellFormed(value: unknown): string {
  return String(value ?? '').toWellFormed()
}

/** Whether the document says that this cannot be: then nobody may carry it out. */
export function isAgainstDocument({ operation, path, query, body }: Draft): boolean {
  const isBadBody =
    operation.body !== undefined &&
    body !== undefined &&
    faultsBy(operation.body.pointer, body).length > 0
  const isBadPath = operation.path.some(
    ({ name, schema }) => faultsBy(schema.pointer, path[name]).length > 0,
  )
  const isMissing = operation.query.some(
    ({ name, isRequired }) => isRequired && !query.some(([given]) => given === name),
  )
  const isUnknown = query.some(([given]) => !operation.query.some(({ name }) => name === given))
  return isBadBody || isBadPath || isMissing || isUnknown
}
