import { gzipSync } from 'node:zlib'
import type { HandlerResult } from './gateway.ts'

/** As the REST door is set. */
const COMPRESSED_FROM_BYTES = 1_400
const GZIP_ACCEPTED = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i

/** What becomes of a function's answer on its way through a REST API. */
export function throughRestApi(
  { statusCode, headers, body }: HandlerResult,
  acceptEncoding: string,
): HandlerResult {
  const renamed = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [nameOutside(name), value]),
  )
  const isWorthIt = Buffer.byteLength(body) >= COMPRESSED_FROM_BYTES
  // No media type is registered as binary: what a function gives in base64 would go out as that text.
  if (!isWorthIt || !GZIP_ACCEPTED.test(acceptEncoding)) {
    return { statusCode, headers: renamed, body }
  }
  return {
    statusCode,
    headers: { ...renamed, 'content-encoding': 'gzip' },
    body: gzipSync(body).toString('base64'),
    isBase64Encoded: true,
  }
}

/** API Gateway keeps this name for itself, and nobody can tell it otherwise. */
function nameOutside(name: string): string {
  return name.toLowerCase() === 'www-authenticate' ? `x-amzn-Remapped-${name}` : name
}
