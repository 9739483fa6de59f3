import { isDeepStrictEqual } from 'node:util'
import { type Command, fingerprint } from '../../../lib/ledger/command.ts'
import { type Transaction, transactionId } from '../../../lib/money/transaction.ts'
import type { AskedPost, Log } from '../world/log.ts'
import type { Breach } from './breach.ts'

/**
 * What was told to be done is there, as it was told, once and for all who ask; what is there was asked for; and what was
 * declined left nothing.
 */
export function findWrongAnswers(log: Log, transactions: readonly Transaction[]): Breach[] {
  const ledger = new Map(transactions.map((transaction) => [transaction.id as string, transaction]))
  const sends = Map.groupBy(log.posts, ({ action }) => transactionId(action.client, action.key))
  const unasked = transactions
    .filter(({ id, client }) => client !== SWEEPER && !sends.has(id))
    .map(({ id }) => breach(id, 'nobody asked for it'))
  const wrong = Array.from(sends, ([id, asked]) => wrongOfKey(id, asked, ledger.get(id)))
  return [...unasked, ...wrong.flat(), ...sharedKeys(log)]
}

/** By what clients know, and not by what the ledger makes of it: a key is of one client, and of nobody else. */
function sharedKeys({ posts }: Log): Breach[] {
  const owners = new Map<string, string>()
  const commands = Map.groupBy(posts, ownerOf)
  return posts.flatMap((asked) => {
    const owner = ownerOf(asked)
    const result = asked.heard?.result
    if (result?.kind === 'key-reused') {
      const asOthers = new Set(
        commands.get(owner)?.map(({ action }) => fingerprint(action.command)),
      )
      return asOthers.size > 1 ? [] : [breach(owner, 'nobody used this key for something else')]
    }
    if (result?.kind !== 'posted') return []
    const { id } = result.transaction
    const first = owners.get(id) ?? owner
    owners.set(id, first)
    return first === owner ? [] : [breach(id, `it is told to ${owner} and to ${first}`)]
  })
}

function ownerOf({ action: { client, key } }: AskedPost): string {
  return `${client} ${key}`
}

const SWEEPER = '@sweeper'

function wrongOfKey(
  id: string,
  asked: readonly AskedPost[],
  stored: Transaction | undefined,
): Breach[] {
  const wrong = asked.flatMap((one) => wrongAnswer(one, stored) ?? [])
  if (stored && !asked.some(({ action }) => fingerprint(action.command) === stored.fingerprint)) {
    wrong.push('it is not what was asked for under its key')
  }
  if (stored && asked.every(({ heard }) => heard?.result.kind === 'declined')) {
    wrong.push('it was declined each time, and is there')
  }
  return wrong.map((text) => breach(id, text))
}

/** Chargebacks, and what was set aside before the freeze. */
const PASSES_A_FREEZE = new Set<Command['type']>(['CAPTURE', 'VOID', 'EXPIRE', 'REVERSE'])

function wrongAnswer(
  { action, heard }: AskedPost,
  stored: Transaction | undefined,
): string | undefined {
  const isAskedFor = fingerprint(action.command) === stored?.fingerprint
  switch (heard?.result.kind) {
    case 'declined': {
      const isFrozen = heard.result.decline.code === 'WALLET_FROZEN'
      const isAllowed = PASSES_A_FREEZE.has(action.command.type)
      return isFrozen && isAllowed ? 'a freeze is no reason to decline it' : undefined
    }
    case 'posted': {
      if (!stored) return 'it was told to be done, and is not there'
      if (!isSame(heard.result.transaction, stored)) return 'it is not what was told'
      return isAskedFor ? undefined : 'it was told to somebody who asked for something else'
    }
    case 'key-reused':
      return stored && !isAskedFor ? undefined : 'it was said to be something else, and is not'
    default:
      return undefined
  }
}

/** How much was taken back later is not part of what happened. */
function isSame(told: Transaction, stored: Transaction): boolean {
  return isDeepStrictEqual({ ...told, reversed: 0 }, { ...stored, reversed: 0 })
}

function breach(id: string, text: string): Breach {
  return { check: 'answers', text: `${id}: ${text}`, about: id }
}
