import { findBalance } from '../../../lib/ledger/find-balance.ts'
import { findWallet } from '../../../lib/ledger/find-wallet.ts'
import {
  type HistoryPosition,
  listEntries,
  listHolds,
  listTransactions,
} from '../../../lib/ledger/history.ts'
import type { Ledger } from '../../../lib/ledger/ledger.ts'
import { type PostResult, post } from '../../../lib/ledger/post.ts'
import { putWalletMetadata } from '../../../lib/ledger/wallet-metadata.ts'
import { setWalletStatus } from '../../../lib/ledger/wallet-status.ts'
import type { Entry } from '../../../lib/money/balance.ts'
import { holdingTransaction } from '../../../lib/money/hold.ts'
import type { TransactionId } from '../../../lib/money/transaction.ts'
import type { Process } from '../process.ts'
import type { Tally } from '../tally.ts'
import type { Fleet, Work } from './fleet.ts'
import type { Asked, Log, Walked } from './log.ts'
import type { MetadataAction, PostAction, Step, WalkAction } from './step.ts'

/** How a client behaves whose network is bad: it knows its key, and comes again. */
export interface ClientOptions {
  readonly fleet: Fleet
  readonly log: Log
  readonly tally: Tally
  readonly nowUs: () => number
}

const MOST_SENDS = 6
const SHORTEST_WAIT_MS = 100
const LATE_MS = 30_000
const MOST_PAGES = 2_000

export async function carryOut(
  options: ClientOptions,
  process: Process,
  step: Step,
): Promise<void> {
  const { action, number } = step
  switch (action.kind) {
    case 'post':
      return carryOutPost(options, process, action, number)
    case 'read': {
      const { walletId, asset, consistent, agoMs } = action
      const read = await ask(
        options,
        process,
        { number, action, book: options.log.reads },
        async ({ store, effects }) => {
          const nowMs = effects.now()
          const at = agoMs === undefined ? undefined : nowMs - agoMs
          const found = await findBalance(store, { walletId, asset }, { consistent, at, nowMs })
          return { ...found, asOfMs: at }
        },
      )
      const isSettled = read?.kind === 'found' && read.balance.settled === true
      if (isSettled) options.tally.count('said that a balance of the past is settled')
      return
    }
    case 'wallet': {
      const { walletId } = action
      await ask(options, process, { number, action, book: options.log.wallets }, ({ store }) =>
        findWallet(store, walletId, true),
      )
      return
    }
    case 'metadata':
      return writeMetadata(options, process, action, number)
    case 'status': {
      const { walletId, status } = action
      const book = options.log.statuses
      const result = await ask(options, process, { number, action, book }, (ledger) =>
        setWalletStatus(ledger, walletId, status, { by: `client ${number}` }),
      )
      if (result?.kind === 'done' && status === 'CLOSED') options.tally.count('closed a wallet')
      return
    }
    case 'walk':
      return walk(options, process, action, number)
  }
}

async function writeMetadata(
  options: ClientOptions,
  process: Process,
  action: MetadataAction,
  number: number,
): Promise<void> {
  const { walletId, text, isConditional } = action
  const seen = isConditional
    ? await options.fleet.call(process, ({ store }) => findWallet(store, walletId, false))
    : undefined
  const found = seen?.kind === 'answer' ? seen.result : undefined
  const ifMatch = found?.wallet.metadataChanges
  const request = { metadata: { text }, ifMatch }
  const book = options.log.metadata
  const written = await ask(options, process, { number, action, book }, async (ledger) => {
    return { outcome: await putWalletMetadata(ledger, walletId, request), ifMatch }
  })
  const { tally } = options
  if (written?.outcome.kind === 'done') tally.count('replaced the metadata of a wallet')
  if (written?.outcome.kind === 'precondition-failed') {
    tally.count('refused to replace metadata that another client had replaced')
  }
}

async function carryOutPost(
  options: ClientOptions,
  process: Process,
  action: PostAction,
  number: number,
): Promise<void> {
  const { tally } = options
  const send = () => sendUntilAnswered(options, process, action, number)
  switch (action.manner) {
    case 'hasty':
      tally.count('a client gave up')
      await sendOnce(options, process, action, number)
      return
    case 'patient':
      await send()
      return
    case 'twins':
      tally.count('a client sent twice at once')
      await Promise.all([send(), send()])
      return
    case 'late':
      await send()
      await process.effects.sleep(LATE_MS * process.random.unit())
      await send()
  }
}

async function sendUntilAnswered(
  options: ClientOptions,
  process: Process,
  action: PostAction,
  number: number,
): Promise<void> {
  for (let sends = 1; sends <= MOST_SENDS; sends += 1) {
    const result = await sendOnce(options, process, action, number)
    if (result && result.kind !== 'busy') return
    if (sends === MOST_SENDS) break
    options.tally.count('a client sent again with its key')
    await process.effects.sleep(SHORTEST_WAIT_MS * 2 ** sends * process.random.unit())
  }
  options.tally.count('a client gave up')
}

async function sendOnce(
  options: ClientOptions,
  process: Process,
  action: PostAction,
  number: number,
): Promise<PostResult | undefined> {
  const { tally } = options
  const { client, key, command } = action
  const requestId = `request ${options.log.posts.length}`
  const origin = { client, idempotencyKey: key, requestId }
  const result = await ask(
    options,
    process,
    { number, action, book: options.log.posts },
    (ledger) => post(ledger, command, origin),
  )
  if (result?.kind === 'busy') tally.count('gave up, and said that the wallet is busy')
  if (result?.kind === 'key-reused') tally.count('refused a key that was used for something else')
  if (result?.kind === 'declined' && result.decline.code === 'WALLET_CLOSED') {
    tally.count('refused to move money in a closed wallet')
  }
  if (result?.kind === 'posted') {
    tally.count(
      result.replayed
        ? 'answered a client again with what it had answered before'
        : 'won at the first try',
    )
  }
  return result
}

/** Every page until the last, as somebody who looks through a whole history while others add to it. */
async function walk(
  options: ClientOptions,
  process: Process,
  action: WalkAction,
  number: number,
): Promise<void> {
  const { log, nowUs, tally } = options
  const asked: Asked<WalkAction, Walked> = { number, action, fromUs: nowUs(), heard: undefined }
  log.walks.push(asked)
  const entries: Entry[] = []
  const ids: TransactionId[] = []
  let after: HistoryPosition | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const result = await askForPage(options, process, readPage(action, after))
    if (!result) {
      tally.count('a client gave up')
      return
    }
    if (result.kind === 'declined') break
    entries.push(...result.entries)
    ids.push(...result.ids)
    after = result.next
    if (!after) break
    // In a long life, some histories are too long to be followed to the end.
    if (pages === MOST_PAGES - 1) {
      tally.count('a client gave up')
      return
    }
    tally.count('a client followed cursors while others wrote')
  }
  asked.heard = { atUs: nowUs(), result: { entries, ids } }
}

/** A page that never came is asked for again, from the same cursor. */
async function askForPage<Page>(
  { fleet }: ClientOptions,
  process: Process,
  page: Work<Page>,
): Promise<Page | undefined> {
  for (let sends = 1; sends <= MOST_SENDS; sends += 1) {
    const heard = await fleet.call(process, page)
    if (heard.kind === 'answer') return heard.result
    await process.effects.sleep(SHORTEST_WAIT_MS * 2 ** sends * process.random.unit())
  }
  return undefined
}

function readPage({ what, walletId, asset, order, limit }: WalkAction, after?: HistoryPosition) {
  const query = { walletId, asset, order, limit, after, consistent: true }
  const page = async ({ store }: Ledger) => {
    switch (what) {
      case 'entries': {
        const found = await listEntries(store, query)
        if (found.kind === 'declined') return found
        return { ...found, entries: found.items, ids: [] as TransactionId[] }
      }
      case 'transactions': {
        const found = await listTransactions(store, query)
        if (found.kind === 'declined') return found
        return { ...found, entries: [] as Entry[], ids: found.items.map(({ id }) => id) }
      }
      case 'holds': {
        const found = await listHolds(store, query)
        if (found.kind === 'declined') return found
        const ids = found.items.map(({ id }) => holdingTransaction(id))
        return { ...found, entries: [] as Entry[], ids }
      }
    }
  }
  return page
}

interface Question<Action, Result> {
  readonly number: number
  readonly action: Action
  /** Where it is written down. */
  readonly book: Asked<Action, Result>[]
}

/** One call, written down whatever comes of it. Undefined where nobody answered. */
async function ask<Action, Result>(
  { fleet, nowUs }: ClientOptions,
  process: Process,
  { number, action, book }: Question<Action, Result>,
  work: Work<Result>,
): Promise<Result | undefined> {
  const asked: Asked<Action, Result> = { number, action, fromUs: nowUs(), heard: undefined }
  book.push(asked)
  const heard = await fleet.call(process, work)
  if (heard.kind !== 'answer') return undefined
  asked.heard = { atUs: nowUs(), result: heard.result }
  return heard.result
}
