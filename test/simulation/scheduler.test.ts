import { setTimeout as realSleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createScheduler } from './scheduler.ts'

const HOUR_MS = 3_600_000

test('time passes by sleeping, and takes none', async () => {
  const scheduler = createScheduler({ seed: 1, startMs: 1_000 })
  const seen: number[] = []

  scheduler.spawn('sleeper', async ({ effects }) => {
    seen.push(effects.now())
    await effects.sleep(HOUR_MS)
    seen.push(effects.now())
  })
  await scheduler.run()

  expect(seen).toEqual([1_000, 1_000 + HOUR_MS])
})

test('what is due first happens first, and its code runs until it waits again', async () => {
  const scheduler = createScheduler({ seed: 1 })
  const log: string[] = []
  const walk = (name: string, stepMs: number) =>
    scheduler.spawn(name, async ({ effects }) => {
      for (const step of [1, 2]) {
        await effects.sleep(stepMs)
        log.push(`${name}${step}`)
        await Promise.resolve().then(() => log.push(`${name}${step} on`))
      }
    })

  walk('slow', 10)
  walk('quick', 3)
  await scheduler.run()

  const order = ['quick1', 'quick1 on', 'quick2', 'quick2 on', 'slow1', 'slow1 on']
  expect(log.slice(0, 6)).toEqual(order)
})

function race(seed: number): Promise<string> {
  const scheduler = createScheduler({ seed })
  const log: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    scheduler.spawn(name, async ({ effects, random }) => {
      for (let step = 0; step < 5; step += 1) {
        await effects.sleep(random.below(3))
        log.push(name)
      }
    })
  }
  return scheduler.run().then(() => `${log.join('')} ${scheduler.trace.digest()}`)
}

test('a seed is one run, and another seed is another', async () => {
  const runs = await Promise.all([race(1), race(1), race(2)])

  expect(runs[0]).toBe(runs[1])
  expect(runs[0]).not.toBe(runs[2])
})

test('of what is due at one time, the seed decides what comes first', async () => {
  const winners = await Promise.all(
    Array.from({ length: 20 }, async (_, seed) => {
      const scheduler = createScheduler({ seed })
      const log: string[] = []
      for (const name of ['a', 'b']) {
        scheduler.spawn(name, async ({ effects }) => {
          await effects.sleep(1)
          log.push(name)
        })
      }
      await scheduler.run()
      return log[0]
    }),
  )

  expect(new Set(winners)).toEqual(new Set(['a', 'b']))
})

test.each([1, 2, 3])(
  'a function that is killed at its wait %i never goes on, and nobody waits for it',
  async (wait) => {
    const scheduler = createScheduler({ seed: 1 })
    const steps: number[] = []

    const { ending } = scheduler.spawn(
      'victim',
      async ({ effects }) => {
        for (let step = 1; step <= 3; step += 1) {
          await effects.sleep(1)
          steps.push(step)
        }
      },
      { fate: (waits) => (waits === wait ? 'dies' : 'lives') },
    )
    await scheduler.run()

    expect(steps).toEqual([1, 2, 3].slice(0, wait - 1))
    expect(ending()).toEqual({ kind: 'killed' })
  },
)

test('nothing of a killed function is kept', async () => {
  const scheduler = createScheduler({ seed: 1 })
  const large = spawnVictim(scheduler)

  await scheduler.runFor(1_000)
  collectGarbage()

  expect(large.deref()).toBeUndefined()
})

/** A function of its own, so that nothing here remembers what it made. */
function spawnVictim(scheduler: ReturnType<typeof createScheduler>): WeakRef<object> {
  const held = { of: 'the victim' }
  scheduler.spawn(
    'victim',
    async ({ effects }) => {
      await effects.sleep(10)
      return held
    },
    { fate: () => 'dies' },
  )
  return new WeakRef(held)
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

test('a function that stands still hears what it missed when it goes on', async () => {
  const scheduler = createScheduler({ seed: 1, startMs: 0 })
  const heardAt: number[] = []
  const { process } = scheduler.spawn('sleeper', async ({ effects }) => {
    await effects.sleep(10)
    heardAt.push(effects.now())
  })

  scheduler.after(5_000, () => process.pause(100))
  await scheduler.run()

  expect(heardAt).toEqual([105])
})

test('each function has a clock of its own, which may be wrong', async () => {
  const scheduler = createScheduler({ seed: 1, startMs: 1_000 })
  const read: number[] = []

  scheduler.spawn(
    'fast',
    async (process) => {
      read.push(process.effects.now())
      process.setClockSkew(-500)
      read.push(process.effects.now())
    },
    { clockSkewMs: 250 },
  )
  await scheduler.run()

  expect(read).toEqual([1_250, 500])
})

test('whoever waits for something real is named', async () => {
  const scheduler = createScheduler({ seed: 1 })

  scheduler.spawn('impatient', () => realSleep(5))

  await expect(scheduler.run()).rejects.toThrow('not simulated: impatient')
})

test('a function that fails ends the run', async () => {
  const scheduler = createScheduler({ seed: 1 })

  scheduler.spawn('broken', async ({ effects }) => {
    await effects.sleep(1)
    throw new Error('it is broken')
  })

  await expect(scheduler.run()).rejects.toThrow('it is broken')
})

test('what never ends is ended', async () => {
  const scheduler = createScheduler({ seed: 1 })

  scheduler.spawn('endless', async ({ effects }) => {
    for (;;) await effects.sleep(1_000)
  })

  await expect(scheduler.run({ limitMs: 60_000 })).rejects.toThrow(
    'not over after 60000 ms: endless',
  )
})

test('nobody waits for what works in the background', async () => {
  const scheduler = createScheduler({ seed: 1 })
  let polls = 0
  const poll = async ({ effects }: { effects: { sleep: (ms: number) => Promise<void> } }) => {
    for (;;) {
      polls += 1
      await effects.sleep(10)
    }
  }

  scheduler.spawn('poller', poll, { isBackground: true })
  scheduler.spawn('worker', ({ effects }) => effects.sleep(95))
  await scheduler.run()

  expect(polls).toBe(10)
})
