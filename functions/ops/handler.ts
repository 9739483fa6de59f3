import { replay } from '../../lib/audit/replay.ts'
import type { DeadLetter } from '../../lib/audit/table/items.ts'
import { createApi } from '../../lib/http/api.ts'
import {
  deadLetterNotFound,
  deadLetterView,
  flagNotFound,
  flagView,
} from '../../lib/http/audit-answers.ts'
import { listingPosition } from '../../lib/http/audit-schemas.ts'
import { type CursorPurpose, createCursors } from '../../lib/http/cursor.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { identifyFromEnvironment } from '../callers.ts'
import { createOnce } from '../once.ts'
import { projectorFromEnvironment } from '../projector.ts'
import { setting } from '../settings.ts'

const projector = projectorFromEnvironment()
const { table } = projector
const cursors = createCursors(setting('CURSOR_SECRET'))
const once = createOnce()

/** As many as fit the time of one request; who wants more asks again. */
const MAX_REPLAYED = 100
/** Those that cannot be replayed must not keep the others from their turn. */
const MAX_LOOKED_AT = 1_000
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }

interface ListQuery {
  readonly walletId?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly cursor?: string | undefined
}

/** Where a page begins, and how the next one is named. */
function paging({ walletId, from, to, cursor }: ListQuery, ...of: CursorPurpose) {
  const purpose: CursorPurpose = [...of, walletId, from, to]
  const after =
    cursor === undefined ? undefined : listingPosition().parse(cursors.open(cursor, purpose)).after
  return {
    after,
    from: from ?? EVER.from,
    // `to` itself is outside, and the index takes both ends.
    to: to === undefined ? EVER.to : to - 1,
    nextCursor: (next: string | undefined) =>
      next === undefined ? null : cursors.seal({ after: next }, purpose),
  }
}

async function replayAll(letters: readonly DeadLetter[], more: boolean) {
  let [replayed, entries] = [0, 0]
  const failed: { id: string; reason: string }[] = []
  for (const letter of letters) {
    if (replayed === MAX_REPLAYED) return { body: { replayed, entries, failed, more: true } }
    const result = await replay(projector, letter)
    if (result.kind === 'failed') {
      failed.push({ id: letter.id, reason: result.reason })
    } else {
      replayed += 1
      entries += result.entries
    }
  }
  return { body: { replayed, entries, failed, more } }
}

export const handler = createApi(
  'ops',
  {
    async listFlags({ query }) {
      const { nextCursor, ...page } = paging(query, 'flags', query.rule)
      const { walletId, rule, limit } = query
      const { items, next } = await table.listFlags({ ...page, walletId, rule, limit })
      return { body: { items: items.map(flagView), nextCursor: nextCursor(next) } }
    },

    acknowledgeFlag: (call) =>
      once('acknowledgeFlag', call, async () => {
        const { flagId } = call.params
        const isThere = await table.acknowledge(flagId, { by: call.caller.client, at: Date.now() })
        const flag = isThere ? await table.readFlag(flagId) : undefined
        if (!flag) throw flagNotFound(flagId)
        return { body: flagView(flag) }
      }),

    async listDeadLetters({ query }) {
      const { nextCursor, ...page } = paging(query, 'dead-letters')
      const { walletId, limit } = query
      const { items, next } = await table.listDeadLetters({ ...page, walletId, limit })
      return { body: { items: items.map(deadLetterView), nextCursor: nextCursor(next) } }
    },

    async getDeadLetter({ params: { deadLetterId } }) {
      const letter = await table.readDeadLetter(deadLetterId)
      if (!letter) throw deadLetterNotFound(deadLetterId)
      return { body: deadLetterView(letter) }
    },

    replayDeadLetter: (call) =>
      once('replayDeadLetter', call, async () => {
        const { deadLetterId } = call.params
        const letter = await table.readDeadLetter(deadLetterId)
        if (!letter) throw deadLetterNotFound(deadLetterId)
        return replayAll([letter], false)
      }),

    replayDeadLetters: (call) =>
      once('replayDeadLetters', call, async () => {
        const letters: DeadLetter[] = []
        let after: string | undefined
        do {
          const page = await table.listDeadLetters({ ...EVER, limit: MAX_REPLAYED, after })
          letters.push(...page.items)
          after = page.next
        } while (after !== undefined && letters.length < MAX_LOOKED_AT)
        return replayAll(letters, after !== undefined)
      }),
  },
  apiOptionsFromEnvironment(identifyFromEnvironment()),
)
