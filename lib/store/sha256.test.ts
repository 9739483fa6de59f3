import { createHash, createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sha256 } from './sha256.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function digestOf(chunks: readonly Uint8Array[], secret?: string | Uint8Array) {
  const sha256 = new Sha256(secret)
  for (const chunk of chunks) sha256.update(chunk)
  return hex(await sha256.digest())
}

const SECRETS = ['a secret', 'another', 'a secret', 'ü', randomBytes(32), randomBytes(32)]
const CONTENTS = [[], [randomBytes(1)], [randomBytes(700)], [randomBytes(3), randomBytes(90_000)]]

test('a digest is that of all chunks', async () => {
  for (const chunks of CONTENTS) {
    const expected = createHash('sha256').update(Buffer.concat(chunks)).digest('hex')
    expect(await digestOf(chunks)).toBe(expected)
  }
})

test.each([1, 2])('secrets are not taken for each other, time %i', async () => {
  for (const secret of SECRETS) {
    for (const chunks of CONTENTS) {
      const expected = createHmac('sha256', secret).update(Buffer.concat(chunks)).digest('hex')
      expect(await digestOf(chunks, secret)).toBe(expected)
    }
  }
})

test('a secret may be a part of a larger buffer', async () => {
  const large = randomBytes(64)
  const part = new Uint8Array(large.buffer, large.byteOffset + 16, 32)
  const expected = createHmac('sha256', part).update('message').digest('hex')
  expect(await digestOf([Buffer.from('message')], part)).toBe(expected)
})

test('what was reset begins anew, and a digest can be had twice', async () => {
  const sha256 = new Sha256()
  sha256.update(Buffer.from('something else'))
  sha256.reset()
  sha256.update(Buffer.from('abc'))
  const expected = createHash('sha256').update('abc').digest('hex')
  expect(hex(await sha256.digest())).toBe(expected)
  expect(hex(await sha256.digest())).toBe(expected)
})
