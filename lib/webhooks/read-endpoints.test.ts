import { expect, test } from 'vitest'
import { endpointsFrom } from './read-endpoints.ts'

const SHOP = {
  id: 'shop',
  url: 'https://shop.example.com',
  secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
}
const MINUTE_MS = 60_000

/** A file that changes, and a clock. */
function openFile(text: string) {
  const file = { text, now: 0 }
  const read = endpointsFrom(
    async () => {
      if (file.text === '') throw new Error('it cannot be read')
      return file.text
    },
    () => file.now,
  )
  return { file, read }
}

test('a change counts at once', async () => {
  const { file, read } = openFile('{"endpoints":[]}')
  await read()

  file.text = JSON.stringify({ endpoints: [SHOP] })

  expect(await read()).toEqual([SHOP])
})

test.each(['', '{"endpoints":'])(
  'when it reads %j, the last ones serve, for a while',
  async (broken) => {
    const { file, read } = openFile(JSON.stringify({ endpoints: [SHOP] }))
    await read()

    file.text = broken
    file.now = 15 * MINUTE_MS

    expect(await read()).toEqual([SHOP])
    file.now += 1
    await expect(read()).rejects.toThrow()
  },
)

test('without any that could be read, there are none to go by', async () => {
  await expect(openFile('').read()).rejects.toThrow('it cannot be read')
})
