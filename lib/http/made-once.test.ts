import { expect, test, vi } from 'vitest'
import { madeOnce } from './made-once.ts'

test('it is made when it is first asked for, and then it is the same', () => {
  const make = vi.fn(() => ({}))
  const get = madeOnce(make)
  const madeUnasked = make.mock.calls.length

  const [first, second] = [get(), get()]

  expect(madeUnasked).toBe(0)
  expect(second).toBe(first)
  expect(make).toHaveBeenCalledTimes(1)
})
