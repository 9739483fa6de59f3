import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from './problem.ts'

const TAG_BYTES = 16

/** What a cursor was made for. It is worth nothing with another wallet or another filter. */
export type CursorPurpose = readonly (string | number | undefined)[]

export interface Cursors {
  readonly seal: (position: unknown, purpose: CursorPurpose) => string
  readonly open: (cursor: string, purpose: CursorPurpose) => unknown
}

/** Cursors are positions that only the holder of the secret could have written. */
export function createCursors(secret: string): Cursors {
  const tagOf = (position: string, purpose: CursorPurpose) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([position, ...purpose.map((part) => part ?? null)]))
      .digest()
      .subarray(0, TAG_BYTES)

  return {
    seal(position, purpose) {
      const text = JSON.stringify(position)
      return Buffer.concat([tagOf(text, purpose), Buffer.from(text)]).toString('base64url')
    },
    open(cursor, purpose) {
      const bytes = Buffer.from(cursor, 'base64url')
      const [tag, text] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES).toString()]
      const isOurs = tag.length === TAG_BYTES && timingSafeEqual(tag, tagOf(text, purpose))
      // The same bytes have several spellings in base64; only ours counts, so that a cursor is one string.
      if (!isOurs || bytes.toString('base64url') !== cursor) {
        throw new Problem(
          'INVALID_CURSOR',
          'Send nextCursor as it was given, with the same filters.',
        )
      }
      return JSON.parse(text)
    },
  }
}
