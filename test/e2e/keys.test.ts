import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyFromEnvironment } from '../../functions/canary/key.ts'
import { NO_API_KEYS, readApiKeys } from '../../lib/http/auth/api-keys.ts'
import { type SecretsManager, startSecretsManager } from '../support/secrets-manager.ts'
import { type Exit, openTerminal } from '../support/terminal.ts'

/** `npm run keys` on the secrets of a deployment, and what who signs with a key finds there. */

const KEYS = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiKeys'
const CANARY = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:CanaryKey'
const SCOPES = ['--scopes', 'wallet:read']

const terminal = openTerminal()
let manager: SecretsManager

beforeEach(async () => {
  manager = await startSecretsManager({ [KEYS]: JSON.stringify(NO_API_KEYS), [CANARY]: '{}' })
  Object.assign(process.env, manager.environment, { CANARY_KEY_SECRET: CANARY })
})

afterEach(async () => {
  await terminal.close()
  await manager.stop()
})

function keys(...words: string[]): Promise<Exit> {
  const command = ['npm', 'run', '--silent', 'keys', '--', ...words, '--secret', KEYS]
  return terminal.run(command, manager.environment).exited
}

function apiKeys() {
  return readApiKeys(manager.secrets.get(KEYS) ?? '').keys
}

test('a new key goes into the secret of who signs with it, and is shown to nobody', async () => {
  const { code, stdout, complaints } = await keys('create', 'canary', ...SCOPES, '--into', CANARY)

  const [key] = apiKeys()
  expect([code, complaints]).toEqual([0, []])
  expect(stdout).toBe(`keyid:  canary\nsecret: in ${CANARY}\n`)
  expect(await keyFromEnvironment()()).toEqual({ id: 'canary', secret: key?.secrets[0]?.secret })
})

test('before that, there is none', async () => {
  const key = await keyFromEnvironment()()

  expect(key).toBeUndefined()
})

test('its rotation goes there, too, and what else is needed to call stays', async () => {
  manager.secrets.set(CANARY, '{"usagePlanKey":"a-key-of-a-plan"}')
  await keys('create', 'canary', ...SCOPES, '--into', CANARY)
  const read = keyFromEnvironment()
  const before = await read()

  const { stdout } = await keys('rotate', 'canary', '--into', CANARY)

  const [newest, oldest] = apiKeys()[0]?.secrets ?? []
  expect(stdout).toContain('npm run keys -- finish canary')
  expect(before).toEqual({ id: 'canary', secret: oldest?.secret, usagePlanKey: 'a-key-of-a-plan' })
  expect(await read()).toEqual({ ...before, secret: newest?.secret })
})

test.each([
  { what: 'all keys of the deployment', into: KEYS, says: 'holds something else than one key' },
  { what: 'nothing that is there', into: `${CANARY}-2`, says: 'cannot be read' },
])('a secret that would go into $what is not made', async ({ into, says }) => {
  const before = new Map(manager.secrets)

  const { code, complaints } = await keys('create', 'canary', ...SCOPES, '--into', into)

  expect(complaints[0]).toContain(says)
  expect(code).toBe(1)
  expect(manager.secrets).toEqual(before)
})

test('a secret that cannot be put there although it is made: it is said how to make another', async () => {
  const file = '/dev/null/canary-key.json'

  const { code, complaints } = await keys('create', 'canary', ...SCOPES, '--into', file)

  expect(complaints.join('\n')).toMatch(/^The new secret of canary cannot be put into .*rotate/s)
  expect(code).toBe(1)
  expect(apiKeys()).toMatchObject([{ id: 'canary' }])
})

test('where no secret is made, none goes anywhere', async () => {
  await keys('create', 'canary', ...SCOPES, '--into', CANARY)

  const { code, complaints } = await keys('revoke', 'canary', '--into', CANARY)

  expect(complaints).toEqual(['--into is for a new secret, and revoke makes none.'])
  expect(code).toBe(1)
  expect(apiKeys()[0]).not.toHaveProperty('revokedAt')
})

test('a key that shares an owner is created and listed with that owner', async () => {
  await keys('create', 'shop', ...SCOPES)

  const second = await keys('create', 'shop2', ...SCOPES, '--owner', 'shop')
  const third = await keys('create', 'game-a', ...SCOPES, '--owner', 'game')
  const listed = await keys('list')

  expect(second.stdout).toMatch(/^keyid: {2}shop2\nowner: {2}shop \(shared with shop\)\nsecret: /)
  expect(third.stdout).toMatch(/^keyid: {2}game-a\nowner: {2}game \(shared with no other key\)\n/)
  expect(apiKeys().map(({ owner }) => owner)).toEqual([undefined, 'shop', 'game'])
  expect(listed.stdout).toMatch(
    /^shop +live .*\nshop2 \(owner: shop\) +live .*\ngame-a \(owner: game\) +live .*\n$/,
  )
})

test('an owner is given to a new key only', async () => {
  await keys('create', 'shop', ...SCOPES)

  const { code, complaints } = await keys('rotate', 'shop', '--owner', 'game')

  expect(complaints).toEqual(['--owner is for a new key: the owner of a key never changes.'])
  expect(code).toBe(1)
  expect(apiKeys()[0]?.secrets).toHaveLength(1)
})
