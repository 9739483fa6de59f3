import type { DynamoDBRecord } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { openTestAudit, readProjections, type TestAudit } from '../support/audit.ts'
import { makeHistory, randomFrom, shuffled } from '../support/history.ts'
import { dropTestLedger, openStreamedLedger, type TestLedger } from '../support/ledger.ts'
import { readStream } from '../support/stream.ts'

let ledger: TestLedger
let records: DynamoDBRecord[]
let undisturbed: string
const open: TestAudit[] = []

beforeAll(async () => {
  ledger = await openStreamedLedger()
  await makeHistory(ledger, { seed: 7, steps: 240 })
  records = await readStream(ledger)
  const audit = await newAudit()
  for (const batch of batches(records, 10)) await audit.audit(batch)
  undisturbed = await readProjections(audit.table)
})

afterAll(async () => {
  for (const audit of open) await audit.drop()
  await dropTestLedger(ledger)
})

async function newAudit(): Promise<TestAudit> {
  const audit = await openTestAudit(ledger)
  open.push(audit)
  return audit
}

function batches<Thing>(things: readonly Thing[], size: number): Thing[][] {
  return Array.from({ length: Math.ceil(things.length / size) }, (_, index) =>
    things.slice(index * size, (index + 1) * size),
  )
}

/** All but one in ten; the last of each balance is there, or nobody would know of it. */
function withLosses(all: readonly DynamoDBRecord[], random: () => number): DynamoDBRecord[] {
  const last = new Map(all.map((record) => [JSON.stringify(record.dynamodb?.Keys), record]))
  const kept = new Set(last.values())
  return all.filter((record) => kept.has(record) || random() >= 0.1)
}

test('the history has something of everything', () => {
  expect(records.length).toBeGreaterThan(150)
  for (const word of ['HOLD', 'CAPTURE', 'VOID', 'REVERSE', 'EXCHANGE', 'RAPID_WITHDRAWALS']) {
    expect(undisturbed).toContain(word)
  }
})

describe.each([1, 2, 5])('each record delivered %i times', (times) => {
  test.each([11, 12, 13])(
    'in shuffled batches, with a tenth lost: the same bytes (seed %i)',
    async (seed) => {
      const random = randomFrom(seed)
      const audit = await newAudit()
      const arriving = withLosses(records, random)
      const deliveries = shuffled(Array.from({ length: times }, () => arriving).flat(), random)

      for (const batch of batches(deliveries, 25)) await audit.audit(batch)

      expect(await readProjections(audit.table)).toBe(undisturbed)
    },
  )
})

test('two projectors at once, on the same records: the same bytes', async () => {
  const audit = await newAudit()

  for (const batch of batches(records, 20)) {
    const [one, other] = await Promise.all([audit.audit(batch), audit.audit(batch)])
    expect(
      [...one.failed, ...other.failed].length === 0 ||
        (await audit.audit(batch)).failed.length === 0,
    ).toBe(true)
  }
  await audit.audit(records)

  expect(await readProjections(audit.table)).toBe(undisturbed)
})

describe('a projector that is killed', () => {
  test('at each of its awaits in turn, before and after it, leaves nothing that a second run does not mend', async () => {
    const some = records.slice(0, 25)
    const reference = await newAudit()
    await reference.audit(some)
    const whole = await readProjections(reference.table)
    let points = 0

    for (let point = 1; ; point += 1) {
      const audit = await openTestAudit(ledger)
      const death = killedAt(point)
      const { projector } = audit.options
      const mortal = {
        ...projector,
        table: death.mortal(audit.table),
        ledger: death.mortal(ledger.store),
        tell: death.call(async () => {}),
      }
      await auditRecords({ ...audit.options, projector: mortal }, some).catch(() => {})
      if (!death.isDead()) {
        await audit.drop()
        break
      }
      points = point
      await audit.audit(some)

      expect(await readProjections(audit.table)).toBe(whole)
      await audit.drop()
    }

    // Each balance is read, told of and written, at the least, and each of these can end before or after.
    expect(points).toBeGreaterThan(50)
  })
})

/** Lets so many steps happen, each await being two: before it and after it. From then on, nothing happens. */
function killedAt(point: number) {
  let steps = 0
  const step = () => {
    steps += 1
    if (steps >= point) throw new Error('killed')
  }
  const call =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      step()
      const result = await work(...args)
      step()
      return result
    }
  return {
    isDead: () => steps >= point,
    call,
    mortal<Store extends object>(store: Store): Store {
      return new Proxy(store, {
        get: (target, name, receiver) => {
          const member: unknown = Reflect.get(target, name, receiver)
          return typeof member === 'function' ? call(member.bind(target)) : member
        },
      })
    },
  }
}
