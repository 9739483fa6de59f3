import { expect, test } from 'vitest'
import { createKeyedMutex } from './keyed-mutex.ts'

/** Work that says when it runs and ends when it is told to. */
function openWork(log: string[], name: string) {
  const gate = Promise.withResolvers<string>()
  const work = () => {
    log.push(name)
    return gate.promise
  }
  return { work, end: () => gate.resolve(name) }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('work on one name runs in the order in which it came', async () => {
  const mutex = createKeyedMutex()
  const log: string[] = []
  const [first, second] = [openWork(log, 'first'), openWork(log, 'second')]

  const results = Promise.all([mutex(['a'], first.work), mutex(['a'], second.work)])
  await settle()
  expect(log).toEqual(['first'])
  first.end()
  await settle()
  expect(log).toEqual(['first', 'second'])
  second.end()

  expect(await results).toEqual(['first', 'second'])
})

test('work on other names does not wait', async () => {
  const mutex = createKeyedMutex()
  const log: string[] = []
  const [one, other] = [openWork(log, 'one'), openWork(log, 'other')]

  const results = Promise.all([mutex(['a'], one.work), mutex(['b'], other.work)])
  await settle()

  expect(log).toEqual(['one', 'other'])
  one.end()
  other.end()
  await results
})

test('work on two names waits for both, and names in opposite order do not block each other', async () => {
  const mutex = createKeyedMutex()
  const log: string[] = []
  const [ab, ba] = [openWork(log, 'ab'), openWork(log, 'ba')]

  const results = Promise.all([mutex(['a', 'b'], ab.work), mutex(['b', 'a'], ba.work)])
  await settle()
  expect(log).toEqual(['ab'])
  ab.end()
  ba.end()

  expect(await results).toEqual(['ab', 'ba'])
})

test('work that comes while another one waits runs after it', async () => {
  const mutex = createKeyedMutex()
  const log: string[] = []
  const works = ['first', 'second', 'third'].map((name) => openWork(log, name))
  const [first, second, third] = works
  if (!first || !second || !third) throw new Error('there are three')

  const earlier = [mutex(['a'], first.work), mutex(['a'], second.work)]
  first.end()
  await settle()
  const last = mutex(['a'], third.work)
  await settle()

  expect(log).toEqual(['first', 'second'])
  second.end()
  third.end()
  expect(await Promise.all([...earlier, last])).toEqual(['first', 'second', 'third'])
})

test('work that fails lets the next one run', async () => {
  const mutex = createKeyedMutex()

  const failed = mutex(['a'], () => Promise.reject(new Error('no')))
  const next = mutex(['a'], () => Promise.resolve('yes'))

  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
