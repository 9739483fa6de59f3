import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import type { Command } from '../../lib/ledger/command.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { putWalletMetadata } from '../../lib/ledger/wallet-metadata.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import { transactionId } from '../../lib/money/transaction.ts'
import { MAX_AT, MAX_SEQ } from '../../lib/store/keys.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { ALICE, GOLD, origin } from '../support/ledger.ts'
import { CALM } from './dynamodb/faults.ts'
import { openWorld, seeds, TABLE, type World } from './dynamodb/world.ts'
import type { Process } from './process.ts'

/** Long, so that somebody else has the time to look in between. */
const SLOW_US = { from: 400_000, to: 400_000 }
const ID = { walletId: ALICE, asset: GOLD }
const TOPUP = verbCommand('topup', { ...ID, amount: toAmount(10) })

function startFunction<Result>(
  { database, scheduler }: World,
  name: string,
  work: (ledger: ReturnType<typeof openLedger>) => Promise<Result>,
) {
  return scheduler.spawn(name, async (process) => {
    const client = database.clientOf(process)
    const { sleep } = process.effects
    const store = openLedgerStore({ client, tableName: TABLE, sleep })
    return work(openLedger(store, process.effects))
  })
}

/** Alice has something in it. */
async function openWithMoney(seed?: number): Promise<World> {
  const world = openWorld({}, seed === undefined ? {} : { seed })
  startFunction(world, 'setup', async (ledger) => {
    await ledger.store.putAsset({ code: GOLD, name: 'gold', scale: 0, active: true })
    await post(ledger, TOPUP, origin('topup'))
  })
  await world.scheduler.run()
  return world
}

/** One asks, and another one asks the same while the first is still at work, and looks when it has been told. */
async function tellAndLook(seed: number) {
  const world = openWorld({}, { seed })
  startFunction(world, 'setup', ({ store }) =>
    store.putAsset({ code: GOLD, name: 'gold', scale: 0, active: true }),
  )
  await world.scheduler.run()
  world.database.setFaults({ ...CALM, transactionUs: SLOW_US })
  startFunction(world, 'first', (ledger) => post(ledger, TOPUP, origin('one key')))
  await world.scheduler.runFor(350)
  // What the second one does is done at once.
  world.database.setFaults(CALM)
  const second = startFunction(world, 'second', async (ledger) => {
    const answer = await post(ledger, TOPUP, origin('one key'))
    const balance = await ledger.store.readBalance(ID, true)
    const { entries } = await ledger.store.readEntries({
      ...{ ...ID, oldest: { at: 0, seq: 0 }, newest: { at: MAX_AT, seq: MAX_SEQ } },
      ...{ order: 'asc', limit: 10, consistent: true },
    })
    return { kind: answer.kind, available: balance?.available, entries: entries.length }
  })
  await world.scheduler.run()
  const ending = second.ending()
  return ending?.kind === 'done' ? ending.result : ending
}

test('whoever is told of a transaction by its record finds all of it', async () => {
  const found = await Promise.all(seeds(40).map(tellAndLook))

  expect(new Set(found.map((seen) => JSON.stringify(seen)))).toEqual(
    new Set([JSON.stringify({ kind: 'posted', available: 10, entries: 1 })]),
  )
})

/** its first write is given up after six seconds, and arrives later. */
const GIVEN_UP_MS = 6_000
const ARRIVES_US = 9_000_000

/** A client whose first write gets this for an answer, and arrives later. */
function sendsLate({ database, scheduler }: World, process: Process, complaint: Error) {
  const client = database.clientOf(process)
  let isSent = false
  return Object.assign(Object.create(null), {
    async send(request: TransactWriteItemsCommand) {
      if (isSent || !(request instanceof TransactWriteItemsCommand)) return client.send(request)
      isSent = true
      scheduler.after(ARRIVES_US, () => {
        scheduler.spawn('what is on its way', (other) =>
          // No caller waits for its answer.
          database
            .clientOf(other)
            .send(request)
            .catch(() => undefined),
        )
      })
      await process.effects.sleep(GIVEN_UP_MS)
      throw complaint
    },
  })
}

function startLateFunction(world: World, command: Command, key: string, complaint: Error) {
  return world.scheduler.spawn('late', async (process) => {
    const { sleep } = process.effects
    const client = sendsLate(world, process, complaint)
    const store = openLedgerStore({ client, tableName: TABLE, sleep })
    return post(openLedger(store, process.effects), command, origin(key))
  })
}

const NO_ANSWER = Object.assign(new Error('no answer'), { name: 'TimeoutError' })
/** The SDK has heard nothing of its first send, and this of its second. */
const THROTTLED_AT_LAST = Object.assign(new Error('too much'), {
  name: 'ThrottlingException',
  $metadata: { httpStatusCode: 400, attempts: 2 },
})

test.each([NO_ANSWER, THROTTLED_AT_LAST])(
  'a capture that may still arrive is not told to be too late, though its hold is over (%s)',
  async (complaint) => {
    const world = await openWithMoney()
    startFunction(world, 'holder', (ledger) => {
      const hold = { ...ID, type: 'HOLD', amount: toAmount(4), expiresInSeconds: 5 } as const
      return post(ledger, hold, origin('hold'))
    })
    await world.scheduler.run()
    const { client } = origin('hold')
    const holdId = holdIdOf(transactionId(client, 'hold'))
    const capture = { type: 'CAPTURE', walletId: ALICE, holdId } as const

    const late = startLateFunction(world, capture, 'capture', complaint)
    await world.scheduler.run()
    const again = startFunction(world, 'again', (ledger) =>
      post(ledger, capture, origin('capture')),
    )
    await world.scheduler.run()

    expect(late.ending()).toMatchObject({ result: { kind: 'busy' } })
    expect(again.ending()).toMatchObject({ result: { kind: 'posted', replayed: true } })
  },
)

/** The same, where the second send is refused: its credentials have expired, or a right was taken away. */
const REFUSED_AT_LAST = Object.assign(new Error('the token has expired'), {
  name: 'ExpiredTokenException',
  $metadata: { httpStatusCode: 400, attempts: 2 },
})

test.each([NO_ANSWER, THROTTLED_AT_LAST, REFUSED_AT_LAST])(
  'a spend that may still arrive is not told that its wallet is frozen, for it may be released before (%s)',
  async (complaint) => {
    const world = await openWithMoney()
    const spend = verbCommand('spend', { ...ID, amount: toAmount(4) })

    const late = startLateFunction(world, spend, 'spend', complaint)
    await world.scheduler.runFor(GIVEN_UP_MS / 2)
    startFunction(world, 'freezer', (ledger) => setWalletStatus(ledger, ALICE, 'FROZEN'))
    await world.scheduler.runFor(GIVEN_UP_MS / 2 + 1_000)
    startFunction(world, 'releaser', (ledger) => setWalletStatus(ledger, ALICE, 'ACTIVE'))
    await world.scheduler.run()
    const again = startFunction(world, 'again', (ledger) => post(ledger, spend, origin('spend')))
    await world.scheduler.run()

    expect(late.ending()).toMatchObject({ result: { kind: 'busy' } })
    expect(again.ending()).toMatchObject({ result: { kind: 'posted', replayed: true } })
  },
)

test('metadata that arrives late does not replace newer metadata', async () => {
  const world = await openWithMoney()
  const put = (name: string, client: 'late' | 'prompt') =>
    world.scheduler.spawn(name, async (process) => {
      const ofDatabase = world.database.clientOf(process)
      const sender = client === 'late' ? sendsLate(world, process, NO_ANSWER) : ofDatabase
      const { sleep } = process.effects
      const store = openLedgerStore({ client: sender, tableName: TABLE, sleep })
      const ledger = openLedger(store, process.effects)
      return putWalletMetadata(ledger, ALICE, { metadata: { email: name } })
    })

  put('old', 'late')
  await world.scheduler.runFor(GIVEN_UP_MS + 1_000)
  const newer = put('new', 'prompt')
  await world.scheduler.run()
  const inTheEnd = startFunction(world, 'reader', ({ store }) => store.readWallet(ALICE, true))
  await world.scheduler.run()

  expect(newer.ending()).toMatchObject({ result: { kind: 'done' } })
  expect(inTheEnd.ending()).toMatchObject({ result: { wallet: { metadata: { email: 'new' } } } })
})

test('a conditional write that may have been committed is not answered as if nothing was written', async () => {
  const world = await openWithMoney()
  const conditional = world.scheduler.spawn('conditional', async (process) => {
    const client = world.database.clientOf(process)
    let isLost = false
    const forgetful = Object.assign(Object.create(null), {
      async send(request: TransactWriteItemsCommand) {
        const output = await client.send(request)
        if (isLost || !(request instanceof TransactWriteItemsCommand)) return output
        isLost = true
        startFunction(world, 'other', (ledger) =>
          putWalletMetadata(ledger, ALICE, { metadata: { email: 'other' } }),
        )
        await process.effects.sleep(1_000)
        throw NO_ANSWER
      },
    })
    const { sleep } = process.effects
    const store = openLedgerStore({ client: forgetful, tableName: TABLE, sleep })
    const request = { metadata: { email: 'first' }, ifMatch: 0 }
    return putWalletMetadata(openLedger(store, process.effects), ALICE, request)
  })
  await world.scheduler.run()

  expect(conditional.ending()).toMatchObject({ result: { kind: 'busy' } })
})

test('metadata that is retried does not replace what was written while it waited', async () => {
  const world = await openWithMoney()
  const put = (ledger: ReturnType<typeof openLedger>, email: string) =>
    putWalletMetadata(ledger, ALICE, { metadata: { email } })
  const older = world.scheduler.spawn('old', async (process) => {
    const client = world.database.clientOf(process)
    let isThrottled = false
    const throttled = Object.assign(Object.create(null), {
      async send(request: TransactWriteItemsCommand) {
        if (isThrottled || !(request instanceof TransactWriteItemsCommand)) {
          return client.send(request)
        }
        isThrottled = true
        startFunction(world, 'new', (ledger) => put(ledger, 'new'))
        await process.effects.sleep(1_000)
        throw Object.assign(new Error('too much'), { name: 'ThrottlingException' })
      },
    })
    const { sleep } = process.effects
    const store = openLedgerStore({ client: throttled, tableName: TABLE, sleep })
    return put(openLedger(store, process.effects), 'old')
  })
  await world.scheduler.run()
  const inTheEnd = startFunction(world, 'reader', ({ store }) => store.readWallet(ALICE, true))
  await world.scheduler.run()

  const isNew = { wallet: { metadata: { email: 'new' } } }
  expect(older.ending()).toMatchObject({ result: { kind: 'done', ...isNew } })
  expect(inTheEnd.ending()).toMatchObject({ result: isNew })
})

/** Somebody freezes her, and another one who sees that she is frozen takes it back. Answers what she is in the end. */
async function freezeAndRelease(seed: number) {
  const world = await openWithMoney(seed)
  world.database.setFaults({ ...CALM, transactionUs: SLOW_US })
  startFunction(world, 'freezer', (ledger) => setWalletStatus(ledger, ALICE, 'FROZEN'))
  await world.scheduler.runFor(350)
  world.database.setFaults(CALM)
  const released = startFunction(world, 'releaser', async (ledger) => {
    const seen = await ledger.store.readBalance(ID, true)
    const { kind } = await setWalletStatus(ledger, ALICE, 'ACTIVE')
    return { seen: seen?.status, kind }
  })
  await world.scheduler.run()
  const inTheEnd = startFunction(world, 'reader', ({ store }) => store.readBalance(ID, true))
  await world.scheduler.run()
  return { released: released.ending(), inTheEnd: inTheEnd.ending() }
}

test('who sees a wallet frozen, and releases it, has it released', async () => {
  const all = await Promise.all(seeds(40).map(freezeAndRelease))

  const afterSight = all.filter(({ released }) => {
    return released?.kind === 'done' && released.result.seen === 'FROZEN'
  })
  expect(afterSight.length).toBeGreaterThan(0)
  for (const { released, inTheEnd } of afterSight) {
    expect(released).toMatchObject({ result: { kind: 'done' } })
    expect(inTheEnd).toMatchObject({ result: { status: 'ACTIVE' } })
  }
})

test('a freeze whose answer is lost is not done again after somebody took it back', async () => {
  const world = await openWithMoney()

  const freeze = world.scheduler.spawn('freezer', async (process) => {
    const client = world.database.clientOf(process)
    const { sleep } = process.effects
    let isLost = false
    const forgetful = Object.assign(Object.create(null), {
      async send(request: TransactWriteItemsCommand) {
        const output = await client.send(request)
        if (isLost || !(request instanceof TransactWriteItemsCommand)) return output
        isLost = true
        startFunction(world, 'releaser', (ledger) => setWalletStatus(ledger, ALICE, 'ACTIVE'))
        await sleep(1_000)
        throw Object.assign(new Error('no answer'), { name: 'TimeoutError' })
      },
    })
    const store = openLedgerStore({ client: forgetful, tableName: TABLE, sleep })
    return setWalletStatus(openLedger(store, process.effects), ALICE, 'FROZEN')
  })
  await world.scheduler.run()
  const inTheEnd = startFunction(world, 'reader', ({ store }) => store.readBalance(ID, true))
  await world.scheduler.run()

  expect(freeze.ending()).toMatchObject({ result: { kind: 'done', wallet: { status: 'FROZEN' } } })
  expect(inTheEnd.ending()).toMatchObject({ result: { status: 'ACTIVE' } })
})
