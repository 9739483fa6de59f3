import { describe, expect, test } from 'vitest'
import {
  type ApiKey,
  ApiKeyRefusal,
  type ApiKeys,
  createApiKey,
  finishRotation,
  NO_API_KEYS,
  ownerOf,
  readApiKeys,
  revokeApiKey,
  rotateApiKey,
} from './api-keys.ts'

const MONDAY = new Date('2026-11-16T08:00:00.000Z')
const TUESDAY = new Date('2026-11-17T08:00:00.000Z')
const SHOP = { id: 'shop', scopes: ['wallet:debit'], at: MONDAY } as const

const withShop = () => createApiKey(NO_API_KEYS, SHOP)
const secretsOf = ({ secrets }: ApiKey) => secrets.map(({ secret }) => secret)
const refusal = (words: string) =>
  expect.objectContaining({ name: 'ApiKeyRefusal', message: words })

describe('the life of a key', () => {
  test('begins with a name, its scopes and one secret of 256 bits', () => {
    const { keys, key } = withShop()

    expect(key).toEqual({
      id: 'shop',
      scopes: ['wallet:debit'],
      secrets: [{ secret: expect.any(String), createdAt: MONDAY.toISOString() }],
      createdAt: MONDAY.toISOString(),
    })
    expect(Buffer.from(secretsOf(key)[0] ?? '', 'base64')).toHaveLength(32)
    expect(keys.keys).toEqual([key])
  })

  test('has two secrets while it is rotated, the newest first', () => {
    const { keys, key: before } = withShop()

    const { key } = rotateApiKey(keys, { id: 'shop', at: TUESDAY })

    expect(secretsOf(key)).toHaveLength(2)
    expect(secretsOf(key)[1]).toBe(secretsOf(before)[0])
    expect(secretsOf(key)[0]).not.toBe(secretsOf(before)[0])
    expect(key.createdAt).toBe(MONDAY.toISOString())
  })

  test('goes on with the newest secret alone when the rotation is finished', () => {
    const { keys, key: rotating } = rotateApiKey(withShop().keys, { id: 'shop', at: TUESDAY })

    const { key } = finishRotation(keys, { id: 'shop' })

    expect(secretsOf(key)).toEqual(secretsOf(rotating).slice(0, 1))
  })

  test('ends without a secret, and the name stays', () => {
    const { keys } = withShop()

    const { keys: after, key } = revokeApiKey(keys, { id: 'shop', at: TUESDAY })

    expect(key).toMatchObject({ id: 'shop', secrets: [], revokedAt: TUESDAY.toISOString() })
    expect(after.keys).toEqual([key])
  })

  test('ends in the middle of a rotation, too', () => {
    const { keys } = rotateApiKey(withShop().keys, { id: 'shop', at: TUESDAY })

    const { key } = revokeApiKey(keys, { id: 'shop', at: TUESDAY })

    expect(key.secrets).toEqual([])
  })

  test('keeps its owner until it is revoked', () => {
    const created = createApiKey(withShop().keys, { ...SHOP, id: 'shop2', owner: 'shop' })
    const rotated = rotateApiKey(created.keys, { id: 'shop2', at: TUESDAY })
    const finished = finishRotation(rotated.keys, { id: 'shop2' })
    const revoked = revokeApiKey(finished.keys, { id: 'shop2', at: TUESDAY })

    const owners = [created, rotated, finished, revoked].map(({ key }) => key.owner)

    expect(owners).toEqual(['shop', 'shop', 'shop', 'shop'])
    expect(readApiKeys(JSON.stringify(revoked.keys))).toEqual(revoked.keys)
  })

  test('touches no other key, and not what was there before', () => {
    const { keys } = createApiKey(withShop().keys, { ...SHOP, id: 'other' })
    const copy = structuredClone(keys)

    const changed = [
      createApiKey(keys, { ...SHOP, id: 'third' }),
      rotateApiKey(keys, { id: 'shop', at: TUESDAY }),
      revokeApiKey(keys, { id: 'shop', at: TUESDAY }),
    ]

    expect(keys).toEqual(copy)
    for (const { keys: after } of changed) expect(after.keys).toContainEqual(copy.keys[1])
  })

  test('never has a secret that another key has', () => {
    let all: ApiKeys = NO_API_KEYS
    for (let index = 0; index < 100; index += 1) {
      all = createApiKey(all, { ...SHOP, id: `key-${index}` }).keys
    }

    const secrets = all.keys.flatMap(secretsOf)

    expect(new Set(secrets).size).toBe(100)
  })

  test('is the same after it was written and read', () => {
    const { keys } = revokeApiKey(createApiKey(withShop().keys, { ...SHOP, id: 'b' }).keys, {
      id: 'b',
      at: TUESDAY,
    })

    expect(readApiKeys(JSON.stringify(keys))).toEqual(keys)
  })
})

describe('the owner of a key', () => {
  const SHOP2 = { ...SHOP, id: 'shop2' }
  const withShop2 = () => createApiKey(withShop().keys, { ...SHOP2, owner: 'shop' }).keys
  const revoked = (keys: ApiKeys, id: string) => revokeApiKey(keys, { id, at: TUESDAY }).keys

  test('is the key itself unless another owner is given', () => {
    const { key } = createApiKey(NO_API_KEYS, { ...SHOP, owner: 'shop' })

    expect(key).not.toHaveProperty('owner')
    expect([ownerOf(key), ownerOf({ id: 'shop2', owner: 'shop' })]).toEqual(['shop', 'shop'])
  })

  test('may be another key, also one that is revoked', () => {
    const owners = [withShop().keys, revoked(withShop().keys, 'shop')].map(
      (keys) => createApiKey(keys, { ...SHOP2, owner: 'shop' }).key.owner,
    )

    expect(owners).toEqual(['shop', 'shop'])
  })

  test('may be a name that no key has, which several keys then share', () => {
    const { keys } = createApiKey(NO_API_KEYS, { ...SHOP, id: 'shop-a', owner: 'shop' })

    const { key } = createApiKey(keys, { ...SHOP, id: 'shop-b', owner: 'shop' })

    expect(ownerOf(key)).toBe('shop')
  })

  test('becomes the name of a key only where the owner is named, too', () => {
    const { keys } = createApiKey(NO_API_KEYS, { ...SHOP, id: 'shop-a', owner: 'shop' })
    const advice =
      'shop is already the owner of shop-a. Choose another name for the new key, or say --owner shop to share the idempotency keys of that owner.'

    expect(() => createApiKey(keys, SHOP)).toThrow(refusal(advice))
    expect(() => createApiKey(revoked(keys, 'shop-a'), SHOP)).toThrow(refusal(advice))
    expect(() => createApiKey(keys, { ...SHOP, owner: 'game' })).toThrow(refusal(advice))
    expect(ownerOf(createApiKey(keys, { ...SHOP, owner: 'shop' }).key)).toBe('shop')
  })

  test('is not a key that has an owner itself', () => {
    const advice =
      'The key shop2 belongs to the owner shop. Say --owner shop to share the idempotency keys of that owner, or choose another owner.'

    const creating = () => createApiKey(withShop2(), { ...SHOP, id: 'shop3', owner: 'shop2' })

    expect(creating).toThrow(refusal(advice))
  })

  test.each(['', '-shop', 'shop:1', 'a'.repeat(65)])('is not called %j', (owner) => {
    expect(() => createApiKey(NO_API_KEYS, { ...SHOP, owner })).toThrow(ApiKeyRefusal)
  })
})

describe('a change is refused', () => {
  const { keys } = withShop()
  const rotating = rotateApiKey(keys, { id: 'shop', at: TUESDAY }).keys
  const revoked = revokeApiKey(keys, { id: 'shop', at: TUESDAY }).keys
  const onTuesday = TUESDAY.toISOString()

  test.each<[string, () => unknown, string]>([
    [
      'that takes a name twice',
      () => createApiKey(keys, SHOP),
      'shop is there already. A name is used once, for ever. To replace the key, create one with another name and --owner shop.',
    ],
    [
      'that takes the name of a key that was revoked',
      () => createApiKey(revoked, SHOP),
      `shop is there already and was revoked at ${onTuesday}. A name is used once, for ever. To replace the key, create one with another name and --owner shop.`,
    ],
    [
      'that gives no scope',
      () => createApiKey(keys, { ...SHOP, id: 'b', scopes: [] }),
      'A key needs at least one scope.',
    ],
    [
      'that begins a rotation in a rotation',
      () => rotateApiKey(rotating, { id: 'shop', at: TUESDAY }),
      'shop has two secrets already. Finish that rotation first.',
    ],
    [
      'that finishes no rotation',
      () => finishRotation(keys, { id: 'shop' }),
      'shop has one secret only: there is no rotation to finish.',
    ],
    [
      'of a key that is not there',
      () => rotateApiKey(keys, { id: 'nobody', at: TUESDAY }),
      'There is no key nobody.',
    ],
    [
      'that rotates what was revoked',
      () => rotateApiKey(revoked, { id: 'shop', at: TUESDAY }),
      `shop was revoked at ${onTuesday}.`,
    ],
    [
      'that finishes what was revoked',
      () => finishRotation(revoked, { id: 'shop' }),
      `shop was revoked at ${onTuesday}.`,
    ],
    [
      'that revokes twice',
      () => revokeApiKey(revoked, { id: 'shop', at: TUESDAY }),
      `shop was revoked at ${onTuesday}.`,
    ],
  ])('%s', (_, changing, words) => {
    expect(changing).toThrow(refusal(words))
  })

  test.each(['', '-shop', 'shop:1', 'shop@b', 'sh op', 'shöp', 'shop\n', '"shop"', 'a'.repeat(65)])(
    'that calls a key %j',
    (id) => {
      expect(() => createApiKey(keys, { ...SHOP, id })).toThrow(ApiKeyRefusal)
    },
  )

  test.each(['a', '7', 'Shop_1.eu-west', 'a'.repeat(64)])('but not one that calls it %s', (id) => {
    const { key } = createApiKey(keys, { ...SHOP, id })

    expect(key.id).toBe(id)
  })
})

describe('keys that are not what they should be', () => {
  const { keys } = withShop()
  const [key] = keys.keys
  const secret = key?.secrets[0]?.secret ?? ''
  const written = JSON.stringify(keys)
  const keyWith = (fields: object) => JSON.stringify({ ...keys, keys: [{ ...key, ...fields }] })
  const oneSecret = { secret, createdAt: MONDAY.toISOString() }

  test.each([
    ['nothing', ''],
    ['no JSON', written.slice(0, -1)],
    ['no JSON, from the secret on', written.replace(secret, `${secret}"`)],
    ['a list', `[${written}]`],
    ['null', 'null'],
    ['another version', written.replace('"version":1', '"version":2')],
    ['more than they should have', written.replace('"version":1', '"version":1,"note":"x"')],
    ['a key without a name', keyWith({ id: undefined })],
    ['a key whose owner has no good name', keyWith({ owner: 'shop:1' })],
    ['a key without scopes', keyWith({ scopes: [] })],
    ['a key with a scope that is none', keyWith({ scopes: ['wallet:everything'] })],
    ['a key with three secrets', keyWith({ secrets: Array(3).fill(oneSecret) })],
    ['a key with a short secret', keyWith({ secrets: [{ ...oneSecret, secret: 'c2hvcnQ=' }] })],
    [
      'a key with a secret that is not base64',
      keyWith({ secrets: [{ ...oneSecret, secret: `${secret}!` }] }),
    ],
    ['a key with an empty secret', keyWith({ secrets: [{ ...oneSecret, secret: '' }] })],
    ['a key with fields of its own', keyWith({ password: secret })],
    ['a key that was revoked and has a secret', keyWith({ revokedAt: MONDAY.toISOString() })],
    ['two keys of one name', JSON.stringify({ ...keys, keys: [key, key] })],
  ])('are refused, and no secret is quoted: %s', (_, text) => {
    const read = () => readApiKeys(text)

    expect(read).toThrow('the API keys are not what they should be')
    expect(thrownBy(read)).not.toContain(secret)
  })

  test('are never quoted where a change of them is refused', () => {
    const rotating = rotateApiKey(keys, { id: 'shop', at: TUESDAY })
    const all = secretsOf(rotating.key)

    const words = [
      () => createApiKey(rotating.keys, SHOP),
      () => rotateApiKey(rotating.keys, { id: 'shop', at: TUESDAY }),
      () => rotateApiKey(rotating.keys, { id: 'nobody', at: TUESDAY }),
    ].map(thrownBy)

    expect(words.filter((text) => all.some((one) => text.includes(one)))).toEqual([])
  })
})

/** All that a log could show of an error: its stack, its fields and its causes. */
function thrownBy(throwing: () => unknown): string {
  try {
    throwing()
  } catch (error) {
    const { stack, cause, ...fields } = error as Error
    return JSON.stringify([String(error), stack, fields, String(cause), cause])
  }
  throw new Error('nothing was thrown')
}
