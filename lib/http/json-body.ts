import { invalidRequest, Problem } from './problem.ts'
import type { HttpRequest } from './request.ts'
import { parseStrictJson } from './strict-json.ts'

const MAX_BODY_BYTES = 32 * 1024
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

export function readJsonBody({ headers, body }: HttpRequest): unknown {
  if (body.byteLength === 0) return {}
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body with Content-Type: application/json.',
    )
  }
  if (body.byteLength > MAX_BODY_BYTES) {
    throw new Problem('PAYLOAD_TOO_LARGE', `A body can have ${MAX_BODY_BYTES} bytes.`)
  }
  return parseStrictJson(decodeUtf8(body))
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(body: Buffer): string {
  try {
    return UTF8.decode(body)
  } catch {
    throw invalidRequest([{ path: '', message: 'The body is not UTF-8' }])
  }
}
