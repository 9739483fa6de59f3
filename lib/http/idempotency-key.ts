import { invalidRequest, Problem } from './problem.ts'

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/

/** The key as the caller means it: `abc` and the quoted `"abc"` are one key. */
export function readIdempotencyKey(header: string | undefined): string {
  const written = header?.trim()
  if (!written) {
    throw new Problem(
      'IDEMPOTENCY_KEY_REQUIRED',
      'Send an Idempotency-Key header, a new one for each thing that you want to happen once.',
    )
  }
  const quoted = QUOTED.exec(written)?.[1]
  const key = quoted === undefined ? written : quoted.replace(/\\(["\\])/g, '$1')
  if (!VISIBLE_ASCII.test(key)) {
    throw invalidRequest([
      { path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
    ])
  }
  return key
}
