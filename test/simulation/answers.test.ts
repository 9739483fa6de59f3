import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
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
  work: (ledger: Ledger) => Promise<Result>,
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

const NO_ANSWER = Object.assign(new Error('no answer'), { name: 'TimeoutError' })
const GIVEN_UP_MS = 6_000
const ARRIVES_US = 9_000_000
const MINUTE_MS = 60_000

type FirstWrite = (
  request: TransactWriteItemsCommand,
  world: World,
  process: Process,
) => Promise<never>

/** A function whose first write goes as given, and all other requests as usual. */
function startWithFirstWrite<Result>(
  world: World,
  firstWrite: FirstWrite,
  work: (ledger: Ledger) => Promise<Result>,
) {
  return world.scheduler.spawn('with a first write', async (process) => {
    const client = world.database.clientOf(process)
    let isSent = false
    const disturbed = Object.assign(Object.create(null), {
      async send(request: TransactWriteItemsCommand) {
        if (isSent || !(request instanceof TransactWriteItemsCommand)) return client.send(request)
        isSent = true
        return firstWrite(request, world, process)
      },
    })
    const { sleep } = process.effects
    const store = openLedgerStore({ client: disturbed, tableName: TABLE, sleep })
    return work(openLedger(store, process.effects))
  })
}

/** It fails like this, and arrives later. */
const arrivesLate =
  (complaint: Error): FirstWrite =>
  async (request, { database, scheduler }, { effects }) => {
    scheduler.after(ARRIVES_US, () => {
      scheduler.spawn('what is on its way', (other) =>
        // No caller waits for its answer.
        database
          .clientOf(other)
          .send(request)
          .catch(() => undefined),
      )
    })
    await effects.sleep(GIVEN_UP_MS)
    throw complaint
  }

/** It is committed, and its answer is lost while another function does its work. */
const losesAnswer =
  (meanwhile: (ledger: Ledger) => Promise<unknown>): FirstWrite =>
  async (request, world, process) => {
    await world.database.clientOf(process).send(request)
    startFunction(world, 'meanwhile', meanwhile)
    await process.effects.sleep(1_000)
    throw NO_ANSWER
  }

/** It is not committed, and the answer comes when another function has done its work. */
const isThrottled =
  (meanwhile: (ledger: Ledger) => Promise<unknown>): FirstWrite =>
  async (_, world, process) => {
    startFunction(world, 'meanwhile', meanwhile)
    await process.effects.sleep(1_000)
    throw Object.assign(new Error('too much'), { name: 'ThrottlingException' })
  }

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

    const late = startWithFirstWrite(world, arrivesLate(complaint), (ledger) =>
      post(ledger, capture, origin('capture')),
    )
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

    const late = startWithFirstWrite(world, arrivesLate(complaint), (ledger) =>
      post(ledger, spend, origin('spend')),
    )
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

const putMetadata = (ledger: Ledger, email: string, ifMatch?: number) =>
  putWalletMetadata(ledger, ALICE, { metadata: { email }, ifMatch })

async function metadataOf(world: World) {
  const read = startFunction(world, 'reader', ({ store }) => store.readWallet(ALICE, true))
  await world.scheduler.run()
  const ending = read.ending()
  return ending?.kind === 'done' ? ending.result?.wallet.metadata : ending
}

test('metadata that arrives late does not replace newer metadata', async () => {
  const world = await openWithMoney()

  startWithFirstWrite(world, arrivesLate(NO_ANSWER), (ledger) => putMetadata(ledger, 'old'))
  await world.scheduler.runFor(GIVEN_UP_MS + 1_000)
  const newer = startFunction(world, 'new', (ledger) => putMetadata(ledger, 'new'))
  await world.scheduler.run()

  expect(newer.ending()).toMatchObject({ result: { kind: 'done' } })
  expect(await metadataOf(world)).toEqual({ email: 'new' })
})

test.each([undefined, 0])(
  'metadata that may have been written, and was overwritten, is not written again (If-Match: %s)',
  async (ifMatch) => {
    const world = await openWithMoney()
    // Its clock is slow, so its request seems to be the older one.
    const overwrite = ({ effects, ...ledger }: Ledger) => {
      const now = () => effects.now() - MINUTE_MS
      return putMetadata({ ...ledger, effects: { ...effects, now } }, 'other')
    }

    const first = startWithFirstWrite(world, losesAnswer(overwrite), (ledger) =>
      putMetadata(ledger, 'first', ifMatch),
    )
    await world.scheduler.run()

    expect(first.ending()).toMatchObject({ result: { kind: 'busy' } })
    expect(await metadataOf(world)).toEqual({ email: 'other' })
  },
)

test('metadata that is retried does not replace what was written while it waited', async () => {
  const world = await openWithMoney()

  const older = startWithFirstWrite(
    world,
    isThrottled((ledger) => putMetadata(ledger, 'new')),
    (ledger) => putMetadata(ledger, 'old'),
  )
  await world.scheduler.run()

  const isNew = { email: 'new' }
  expect(older.ending()).toMatchObject({ result: { kind: 'done', wallet: { metadata: isNew } } })
  expect(await metadataOf(world)).toEqual(isNew)
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

  const freeze = startWithFirstWrite(
    world,
    losesAnswer((ledger) => setWalletStatus(ledger, ALICE, 'ACTIVE')),
    (ledger) => setWalletStatus(ledger, ALICE, 'FROZEN'),
  )
  await world.scheduler.run()
  const inTheEnd = startFunction(world, 'reader', ({ store }) => store.readBalance(ID, true))
  await world.scheduler.run()

  expect(freeze.ending()).toMatchObject({ result: { kind: 'done', wallet: { status: 'FROZEN' } } })
  expect(inTheEnd.ending()).toMatchObject({ result: { status: 'ACTIVE' } })
})
