import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { DomainEvent } from '../../lib/audit/events.ts'
import { type Publisher, tellPublisher } from '../../lib/audit/publish.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import type { Outcome } from '../../lib/webhooks/deliver.ts'
import type { Endpoint } from '../../lib/webhooks/endpoints.ts'
import { startWebhooks, type WebhookOptions, type Webhooks } from '../../local/webhooks.ts'
import { openTestAudit } from '../support/audit.ts'
import { endpointAt, eventsOf, newSecret, SOURCE } from '../support/events.ts'
import { makeHistory } from '../support/history.ts'
import { dropTestLedger, openStreamedLedger, readContents } from '../support/ledger.ts'
import {
  type Behaviour,
  eventIds,
  hang,
  type Receiver,
  startReceiver,
  status,
  takeIt,
  verify,
} from '../support/receiver.ts'
import { readStream } from '../support/stream.ts'

/** Enough tries for any of these tests, and quick ones; and no time-out, unless it is what a test is about. */
const QUICK = { timeoutMs: 60_000, retryWithinMs: Array.from({ length: 1_000 }, () => 30) }

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function open(
  endpoints: readonly Endpoint[],
  options: Partial<WebhookOptions> = {},
): Promise<Webhooks & { readonly outcomes: Outcome[] }> {
  const outcomes: Outcome[] = []
  const webhooks = await startWebhooks({
    ...QUICK,
    endpoints: async () => endpoints,
    onTried: (_, outcome) => outcomes.push(outcome),
    ...options,
  })
  cleanUps.push(webhooks.stop)
  return { ...webhooks, outcomes }
}

async function receiver(behaviour?: Behaviour): Promise<Receiver> {
  const started = await startReceiver(behaviour)
  cleanUps.push(started.stop)
  return started
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongbox-webhooks-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  return folder
}

/** When it has happened; this is no guess at how long it takes. */
function until(happened: () => unknown): Promise<void> {
  return vi.waitFor(() => expect(happened()).toBeTruthy(), { timeout: 10_000, interval: 5 })
}

const reasonOf = (outcome: Outcome) => ('failure' in outcome ? outcome.failure.reason : undefined)

test('a receiver that fails in every way there is, and then recovers, gets every event', async () => {
  const elsewhere = await receiver()
  const shop = await receiver()
  const endpoint = endpointAt(shop.url)
  const webhooks = await open([endpoint], { timeoutMs: 100 })
  const slowly: Behaviour = (response) => setTimeout(() => response.writeHead(200).end(), 300)
  const troubles: [string, Behaviour | 'hang up'][] = [
    ['ECONNREFUSED', 'hang up'],
    ['no answer within 100 ms', hang],
    ['answered 500', status(500)],
    ['answered 302', status(302, { location: elsewhere.url })],
    ['answered 308', status(308, { location: elsewhere.url })],
    ['ECONNRESET', (response) => response.destroy()],
    ['no answer within 100 ms', slowly],
  ]
  const events = eventsOf('alice', troubles.length)

  for (const [index, [reason, behaviour]] of troubles.entries()) {
    if (behaviour === 'hang up') await shop.hangUp()
    else shop.answer(behaviour)
    const before = webhooks.outcomes.length
    await webhooks.publish(events.slice(index, index + 1))
    await until(() => webhooks.outcomes.slice(before).map(reasonOf).includes(reason))
    if (behaviour === 'hang up') await shop.listen()
  }
  const missed = shop.requests.length
  shop.answer(takeIt)
  await webhooks.idle()

  const taken = shop.requests.slice(missed)
  expect(new Set(eventIds(taken))).toEqual(new Set(events.map(({ id }) => id)))
  expect(taken.map((request) => verify(request, endpoint.secrets[0] ?? ''))).toEqual(
    expect.arrayContaining(events),
  )
  expect(elsewhere.requests).toEqual([])
  expect(webhooks.deadLetters()).toEqual([])
})

test('what is sent is a CloudEvent, by POST, signed', async () => {
  const shop = await receiver()
  const endpoint = endpointAt(shop.url)
  const webhooks = await open([endpoint])
  const events = eventsOf('alice', 1)

  await webhooks.publish(events)
  await webhooks.idle()

  const [request] = shop.requests
  expect(request?.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': events[0]?.id,
    'svix-id': events[0]?.id,
  })
  expect(request && verify(request, endpoint.secrets[0] ?? '')).toEqual(events[0])
})

test('a body that was changed on its way is found out', async () => {
  const shop = await receiver()
  const endpoint = endpointAt(shop.url)
  const webhooks = await open([endpoint])
  await webhooks.publish(eventsOf('alice', 1))
  await webhooks.idle()

  const [request] = shop.requests
  const forged = { headers: {}, ...request, body: String(request?.body).replace('970', '971') }

  expect(forged.body).not.toBe(request?.body)
  expect(() => verify(forged, endpoint.secrets[0] ?? '')).toThrow('No matching signature')
})

test('the few lines in the docs verify what is sent, and nothing else', async () => {
  const shop = await receiver()
  const endpoint = endpointAt(shop.url)
  const webhooks = await open([endpoint])
  const events = eventsOf('alice', 1)
  await webhooks.publish(events)
  await webhooks.idle()
  const docs = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8')
  const file = join(newFolder(), 'verify.mjs')
  writeFileSync(file, /```js\n(.*?)```/s.exec(docs)?.[1] ?? '')
  const { verifyWebhook } = await import(file)

  const { headers = {}, body = '' } = shop.requests[0] ?? {}
  const [secret] = endpoint.secrets
  const stale = { ...headers, 'webhook-timestamp': '1795240800' }

  expect(verifyWebhook(headers, body, secret)).toEqual(events[0])
  for (const forged of [
    [headers, body.replace('970', '971'), secret],
    [headers, body, newSecret()],
    [stale, body, secret],
    [{}, body, secret],
  ]) {
    expect(() => verifyWebhook(...forged)).toThrow('not from Strongbox')
  }
})

test('a secret is rotated while events go on, and the receiver can change over at any time', async () => {
  const shop = await receiver()
  const [old, next] = [newSecret(), newSecret()]
  let secrets = [old]
  const webhooks = await open([], { endpoints: async () => [endpointAt(shop.url, { secrets })] })

  for (const [index, event] of eventsOf('alice', 3).entries()) {
    secrets = [[old], [next, old], [next]][index] ?? []
    await webhooks.publish([event])
    await webhooks.idle()
  }

  const isGood = (secret: string) =>
    shop.requests.map((request) => {
      try {
        return verify(request, secret) !== undefined
      } catch {
        return false
      }
    })
  expect(isGood(old)).toEqual([true, true, false])
  expect(isGood(next)).toEqual([false, true, true])
})

test('each endpoint gets what it wants, and one that fails costs the others nothing', async () => {
  const [all, some, broken] = [await receiver(), await receiver(), await receiver(status(500))]
  const webhooks = await open([
    endpointAt(all.url, { id: 'all' }),
    endpointAt(some.url, { id: 'some', events: ['wallet.frozen'] }),
    endpointAt(broken.url, { id: 'broken' }),
  ])
  const [event] = eventsOf('alice', 1)
  const frozen = event && { ...event, id: 'frozen', type: 'wallet.frozen' as const }

  await webhooks.publish(event && frozen ? [event, frozen] : [])
  await until(() => broken.requests.length > 10)

  expect(eventIds(all.requests)).toEqual([event?.id, 'frozen'])
  expect(eventIds(some.requests)).toEqual(['frozen'])
})

test('an endpoint that is not configured any more gets nothing, and nothing waits for it', async () => {
  const shop = await receiver(status(500))
  let endpoints = [endpointAt(shop.url)]
  const webhooks = await open([], { endpoints: async () => endpoints })
  await webhooks.publish(eventsOf('alice', 1))
  await until(() => shop.requests.length > 0)

  endpoints = []
  await webhooks.idle()

  expect(webhooks.outcomes.at(-1)).toEqual({ kind: 'unwanted' })
  expect(webhooks.deadLetters()).toEqual([])
})

describe('while all goes well', () => {
  test('the events of a balance come in their order', async () => {
    const shop = await receiver((response) =>
      setTimeout(() => takeIt(response, { headers: {}, body: '' }), Math.random() * 5),
    )
    const webhooks = await open([endpointAt(shop.url)])
    const wallets = ['alice', 'bob', 'carol']
    const events = wallets.map((wallet) => eventsOf(wallet, 20))

    for (let n = 0; n < 20; n += 1) {
      await webhooks.publish(events.flatMap((ofOne) => ofOne.slice(n, n + 1)))
    }
    await webhooks.idle()

    const received = shop.requests.map(({ body }) => JSON.parse(body))
    for (const [index, wallet] of wallets.entries()) {
      const ofOne = received.filter(({ subject }) => subject === `wallets/${wallet}`)
      expect(ofOne).toEqual(events[index])
    }
  })

  test('those of one balance do not wait for another', async () => {
    const shop = await receiver((response, request) =>
      JSON.parse(request.body).subject === 'wallets/alice' ? undefined : takeIt(response, request),
    )
    const webhooks = await open([endpointAt(shop.url)])
    const bobs = eventsOf('bob', 20)

    await webhooks.publish([...eventsOf('alice', 20), ...bobs])
    await until(() => webhooks.outcomes.length === bobs.length)

    const [alices, ...others] = eventIds(shop.requests)
    expect(alices).toBe(eventsOf('alice', 1)[0]?.id)
    expect(others).toEqual(bobs.map(({ id }) => id))
  })
})

describe('a receiver that never takes it', () => {
  test('is tried so often and no more, and the event is kept with the reason', async () => {
    const shop = await receiver(status(503))
    const webhooks = await open([endpointAt(shop.url)], { retryWithinMs: [1, 2, 3] })
    const [event] = eventsOf('alice', 1)

    await webhooks.publish(event ? [event] : [])
    await webhooks.idle()

    expect(shop.requests.length).toBe(4)
    expect(webhooks.deadLetters()).toEqual([
      {
        id: expect.any(Number),
        endpoint: 'shop',
        event,
        failure: { reason: 'answered 503', tries: 4, at: expect.any(String) },
      },
    ])
  })

  test('can be sent it again, once it does', async () => {
    const shop = await receiver(status(503))
    const webhooks = await open([endpointAt(shop.url)], { retryWithinMs: [1] })
    const [event] = eventsOf('alice', 1)
    await webhooks.publish(event ? [event] : [])
    await webhooks.idle()
    const [letter] = webhooks.deadLetters()

    shop.answer(takeIt)
    const isSent = webhooks.sendAgain(letter?.id ?? 0)
    await webhooks.idle()

    expect(isSent).toBe(true)
    expect(webhooks.outcomes.at(-1)).toEqual({ kind: 'delivered' })
    expect(webhooks.deadLetters()).toEqual([])
    expect(webhooks.sendAgain(letter?.id ?? 0)).toBe(false)
  })

  test('and says so (410) is not tried again', async () => {
    const shop = await receiver(status(410))
    const webhooks = await open([endpointAt(shop.url)])

    await webhooks.publish(eventsOf('alice', 1))
    await webhooks.idle()

    expect(shop.requests.length).toBe(1)
    expect(webhooks.deadLetters()).toMatchObject([{ failure: { reason: 'answered 410' } }])
  })
})

describe('an answer', () => {
  test('that never ends was still an answer, and nobody listens to it for ever', async () => {
    let isOver = false
    const shop = await receiver((response) => {
      response.writeHead(200).on('close', () => {
        isOver = true
      })
      const more = () => !isOver && response.write('x'.repeat(10_000), () => setImmediate(more))
      more()
    })
    const webhooks = await open([endpointAt(shop.url)])

    await webhooks.publish(eventsOf('alice', 1))
    await webhooks.idle()

    expect(webhooks.outcomes).toEqual([{ kind: 'delivered' }])
    await until(() => isOver)
  })
})

describe('the end', () => {
  test('comes at once, whatever hangs, and the next start goes on', async () => {
    const folder = newFolder()
    const shop = await receiver(hang)
    const endpoints = [endpointAt(shop.url)]
    const first = await open(endpoints, { folder })
    const events = eventsOf('alice', 50)
    await first.publish(events)
    await until(() => shop.requests.length === 1)

    const stoppedAt = performance.now()
    await first.stop()
    const tookMs = performance.now() - stoppedAt
    shop.answer(takeIt)
    const second = await open(endpoints, { folder })
    await second.idle()

    expect(tookMs).toBeLessThan(5_000)
    expect(first.outcomes).toEqual([])
    expect(eventIds(shop.requests.slice(1))).toEqual(events.map(({ id }) => id))
  })

  test('in the middle of retries loses none of them', async () => {
    const folder = newFolder()
    const shop = await receiver(status(500))
    const endpoints = [endpointAt(shop.url)]
    const events = ['alice', 'bob', 'carol'].flatMap((wallet) => eventsOf(wallet, 10))
    for (const batch of [events.slice(0, 15), events.slice(15)]) {
      const webhooks = await open(endpoints, { folder })
      const before = shop.requests.length
      await webhooks.publish(batch)
      await until(() => shop.requests.length > before + 20)
      await webhooks.stop()
    }

    shop.answer(takeIt)
    const last = await open(endpoints, { folder })
    const before = shop.requests.length
    await last.idle()

    const taken = eventIds(shop.requests.slice(before))
    expect(new Set(taken)).toEqual(new Set(events.map(({ id }) => id)))
  })

  test('is no end of dead letters', async () => {
    const folder = newFolder()
    const shop = await receiver(status(410))
    const endpoints = [endpointAt(shop.url)]
    const first = await open(endpoints, { folder })
    await first.publish(eventsOf('alice', 1))
    await first.idle()
    await first.stop()

    shop.answer(takeIt)
    const second = await open(endpoints, { folder })
    const [letter] = second.deadLetters()
    second.sendAgain(letter?.id ?? 0)
    await second.idle()

    expect(shop.requests.length).toBe(2)
  })

  test('by force, right after it was published, loses nothing', async () => {
    const folder = newFolder()
    const shop = await receiver(hang)
    const endpoint = endpointAt(shop.url)
    const events = eventsOf('alice', 100)
    const module = JSON.stringify(new URL('../../local/webhooks.ts', import.meta.url))
    const mortal = spawn(process.execPath, ['--input-type=module', '-'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    mortal.stdin.end(`
      const { startWebhooks } = await import(${module})
      const endpoints = async () => [${JSON.stringify(endpoint)}]
      const webhooks = await startWebhooks({ endpoints, folder: ${JSON.stringify(folder)} })
      await webhooks.publish(${JSON.stringify(events)})
      process.stdout.write('published')
    `)
    await once(mortal.stdout, 'data')

    mortal.kill('SIGKILL')
    await once(mortal, 'exit')
    const before = shop.requests.length
    shop.answer(takeIt)
    const heir = await open([endpoint], { folder })
    await heir.idle()

    expect(eventIds(shop.requests.slice(before))).toEqual(events.map(({ id }) => id))
  })

  test('takes no more events, and says so to who would publish them', async () => {
    const webhooks = await open([])
    await webhooks.stop()

    await expect(webhooks.publish(eventsOf('alice', 1))).rejects.toMatchObject({
      name: 'StoreUnavailable',
    })
  })
})

test('whatever the ledger commits arrives, in the order of each balance, though half of what is published fails at first', async () => {
  const ledger = await openStreamedLedger()
  await makeHistory(ledger, { seed: 3, steps: 120 })
  const records = await readStream(ledger)
  const shop = await receiver()
  const webhooks = await open([endpointAt(shop.url)])
  let calls = 0
  const publish: Publisher = async (events) => {
    calls += 1
    if (calls % 4 === 1) throw new StoreUnavailable('nobody took them')
    await webhooks.publish(events)
    if (calls % 4 === 3) throw new StoreUnavailable('nobody heard that they were taken')
  }
  const audit = await openTestAudit(ledger, { tell: tellPublisher(SOURCE, publish) })

  let left = records
  for (let round = 0; left.length > 0 && round < 100; round += 1) {
    const { failed } = await audit.audit(left)
    left = left.filter(({ dynamodb }) => failed.includes(dynamodb?.SequenceNumber ?? ''))
  }
  await webhooks.idle()

  const { entries } = await readContents(ledger.client, ledger.tableName)
  const received: DomainEvent[] = shop.requests.map(({ body }) => JSON.parse(body))
  const posted = received.filter(
    ({ id, type }, index) =>
      type === 'transaction.posted' && received.findIndex((other) => other.id === id) === index,
  )
  const bySequence = (a: DomainEvent, b: DomainEvent) =>
    String(a.sequence) < String(b.sequence) ? -1 : 1
  expect(entries.length).toBeGreaterThan(50)
  expect(new Set(posted.map(({ id }) => id))).toEqual(new Set(entries.map(({ hash }) => hash)))
  for (const ofOne of Map.groupBy(posted, ({ partitionkey }) => partitionkey).values()) {
    expect(ofOne).toEqual(ofOne.toSorted(bySequence))
  }
  await audit.drop()
  await dropTestLedger(ledger)
})

test('an event that is told twice while it waits is sent once', async () => {
  const shop = await receiver(hang)
  const webhooks = await open([endpointAt(shop.url)])
  const events = eventsOf('alice', 3)
  shop.answer((response) => setTimeout(() => response.end(), 50))

  await Promise.all([webhooks.publish(events), webhooks.publish(events)])
  await webhooks.idle()

  expect(eventIds(shop.requests)).toEqual(events.map(({ id }) => id))
})

test('endpoints that are broken from the start are an error at the start', async () => {
  const endpoints = async () => {
    throw new Error('the webhook endpoints are not what they should be')
  }

  await expect(startWebhooks({ endpoints })).rejects.toThrow('not what they should be')
})

test('neither the journal nor the reason of a failure holds a secret', async () => {
  const endpoint = endpointAt('http://localhost:1/hooks?token=very-secret')
  const webhooks = await open([endpoint], { retryWithinMs: [] })

  await webhooks.publish(eventsOf('alice', 1))
  await webhooks.idle()

  const kept = JSON.stringify([webhooks.deadLetters(), webhooks.outcomes])
  expect(kept).toContain('ECONNREFUSED')
  expect(kept).not.toContain('very-secret')
  expect(kept).not.toContain(endpoint.secrets[0])
})
