import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { eventsOf } from '../../test/support/events.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { publishToAll } from './publish.ts'
import { publishToEventBridge } from './publish-to-eventbridge.ts'

const TAKEN = { EventId: 'taken' }
const THROTTLED = { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }

const request = z.object({ Entries: z.array(z.record(z.string(), z.unknown())) })
type PutEntry = z.output<typeof request>['Entries'][number]

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** EventBridge as its clients see it; `answer` says what becomes of the entries of each call. */
async function startBus(answer: (entries: readonly PutEntry[], call: number) => object[] | number) {
  const calls: PutEntry[][] = []
  const server = createServer(async (incoming, response) => {
    const { Entries } = request.parse(await json(incoming))
    calls.push(Entries)
    const answered = answer(Entries, calls.length)
    const isError = typeof answered === 'number'
    response.writeHead(isError ? answered : 200, { 'content-type': 'application/x-amz-json-1.1' })
    const FailedEntryCount = isError ? 0 : answered.filter((entry) => 'ErrorCode' in entry).length
    response.end(JSON.stringify(isError ? {} : { FailedEntryCount, Entries: answered }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the bus has no address')
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  stops.push(() => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  })
  const publish = publishToEventBridge({ client, busName: 'strongbox', sleep: async () => {} })
  return { publish, calls }
}

const takeAll = (entries: readonly PutEntry[]) => entries.map(() => TAKEN)
const idOf = ({ Detail }: PutEntry | PutEventsRequestEntry) => JSON.parse(String(Detail)).id

test('each event is an entry with its type, and the whole of it for a detail', async () => {
  const { publish, calls } = await startBus(takeAll)
  const [event] = eventsOf('alice', 1)

  await publish(event ? [event] : [])

  expect(calls).toEqual([
    [
      {
        EventBusName: 'strongbox',
        Source: 'strongbox/test',
        DetailType: 'transaction.posted',
        Time: Date.parse(event?.time ?? '') / 1000,
        Detail: JSON.stringify(event),
      },
    ],
  ])
})

test('ten go in one call, and all of them in their order', async () => {
  const { publish, calls } = await startBus(takeAll)
  const events = eventsOf('alice', 25)

  await publish(events)

  expect(calls.map((entries) => entries.length)).toEqual([10, 10, 5])
  expect(calls.flat().map(idOf)).toEqual(events.map(({ id }) => id))
})

test('a call stays within what EventBridge takes', async () => {
  const { publish, calls } = await startBus(takeAll)
  const large = { note: 'x'.repeat(100_000) }
  const events = eventsOf('alice', 5).map((event) => ({ ...event, data: large }))

  await publish(events)

  expect(calls.map((entries) => entries.length)).toEqual([2, 2, 1])
})

test('only what was not taken is sent again', async () => {
  const { publish, calls } = await startBus((entries, call) =>
    entries.map((_, index) => (call === 1 && index % 2 === 1 ? THROTTLED : TAKEN)),
  )
  const events = eventsOf('alice', 4)

  await publish(events)

  const ids = events.map(({ id }) => id)
  expect(calls.map((entries) => entries.map(idOf))).toEqual([ids, [ids[1], ids[3]]])
})

test('what is never taken comes again with its batch, after some tries', async () => {
  const { publish, calls } = await startBus((entries) => entries.map(() => THROTTLED))

  const published = publish(eventsOf('alice', 1))

  await expect(published).rejects.toThrow(StoreUnavailable)
  await expect(published).rejects.toThrow('ThrottlingException')
  expect(calls.length).toBe(5)
})

test('an EventBridge that does not answer is one that the batch comes again for', async () => {
  const { publish } = await startBus(() => 500)

  await expect(publish(eventsOf('alice', 1))).rejects.toThrow(StoreUnavailable)
})

test('nothing to tell is no call', async () => {
  const { publish, calls } = await startBus(takeAll)

  await publish([])

  expect(calls).toEqual([])
})

test('who publishes to several has published when all of them have', async () => {
  const good = await startBus(takeAll)
  const bad = await startBus(() => 500)

  const published = publishToAll([good.publish, bad.publish])(eventsOf('alice', 1))

  await expect(published).rejects.toThrow(StoreUnavailable)
})
