import { Problem } from './problem.ts'
import type { HttpRequest } from './request.ts'

/** Below API Gateway's own limit of 10,240 bytes for both, so that it is we who answer. */
export const MAX_TARGET_BYTES = 2_048
export const MAX_HEADERS_BYTES = 8_192

/** Refuses what no client of ours needs to send, before anybody works on it. */
export function checkSizes({ target, headers }: HttpRequest): void {
  const written = target.query === '' ? target.path : `${target.path}?${target.query}`
  const targetBytes = Buffer.byteLength(written)
  if (targetBytes > MAX_TARGET_BYTES) {
    throw new Problem('URI_TOO_LONG', `A path and its query can have ${MAX_TARGET_BYTES} bytes.`)
  }
  const headersBytes = Buffer.byteLength(Object.entries(headers).flat().join())
  if (headersBytes > MAX_HEADERS_BYTES) {
    throw new Problem('HEADERS_TOO_LARGE', `All headers can have ${MAX_HEADERS_BYTES} bytes.`)
  }
}
