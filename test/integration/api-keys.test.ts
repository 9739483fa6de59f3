import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clearCaches } from '@aws-lambda-powertools/parameters'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { apiKeysFromFile, apiKeysFromSecret } from '../../functions/api-keys.ts'
import { createApiKey, NO_API_KEYS, revokeApiKey } from '../../lib/http/auth/api-keys.ts'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'

/** The two places where functions find the keys of servers. */

const AT = new Date('2026-11-16T08:00:00.000Z')
const { keys: KEYS, key } = createApiKey(NO_API_KEYS, {
  id: 'shop',
  scopes: ['wallet:debit'],
  at: AT,
})
const { keys: REVOKED } = revokeApiKey(KEYS, { id: 'shop', at: AT })
const SECRET = key.secrets[0]?.secret ?? ''

const busy = expect.objectContaining({ code: 'WALLET_BUSY', status: 503 })

/** All that a log could show of an error: its text, its fields and its causes. */
async function failureOf(read: () => Promise<unknown>): Promise<string> {
  const { stack, cause, ...fields } = await read().then(
    () => new Error('nothing was thrown'),
    (thrown: Error) => thrown,
  )
  return [stack, cause instanceof Error && cause.stack, JSON.stringify([fields, cause])].join()
}

describe('keys in a file', () => {
  let folder: string
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'strongbox-keys-'))
    file = join(folder, 'api-keys.json')
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  test('are read again each time, so that a change counts at once', async () => {
    const read = apiKeysFromFile(file)
    writeFileSync(file, JSON.stringify(KEYS))
    const before = await read()
    writeFileSync(file, JSON.stringify(REVOKED))

    const after = await read()

    expect([before, after]).toEqual([KEYS, REVOKED])
  })

  test('that are not there are nobody’s fault who signs: come again', async () => {
    const read = apiKeysFromFile(file)

    await expect(read()).rejects.toEqual(busy)
  })

  test('that are not what they should be are not guessed at, and never quoted', async () => {
    const read = apiKeysFromFile(file)
    writeFileSync(file, JSON.stringify(KEYS).slice(0, -1))

    const failure = await failureOf(read)

    expect(failure).toContain('the API keys are not what they should be')
    expect(failure).not.toContain(SECRET)
  })

  test('that somebody is just writing are the ones from before', async () => {
    const read = apiKeysFromFile(file)
    writeFileSync(file, JSON.stringify(KEYS))
    await read()
    writeFileSync(file, '')

    const keys = await read()

    expect(keys).toEqual(KEYS)
  })
})

describe('keys in Secrets Manager', () => {
  let manager: Server
  let asked = 0
  let answer: (response: ServerResponse) => void
  let read: ReturnType<typeof apiKeysFromSecret>

  const holding = (fields: object) => (response: ServerResponse) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(JSON.stringify({ Name: 'keys', ...fields }))
  }
  const denying = (response: ServerResponse) => {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
    response.end('{"__type":"AccessDeniedException","message":"not yours"}')
  }
  const laterBy = (ms: number) => vi.setSystemTime(Date.now() + ms)

  beforeAll(async () => {
    manager = createServer((_, response) => {
      asked += 1
      answer(response)
    })
    manager.listen(0, '127.0.0.1')
    await once(manager, 'listening')
    const address = manager.address()
    Object.assign(process.env, LOCAL_AWS_ENVIRONMENT, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER:
        typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '',
    })
  })

  afterAll(() => {
    manager.closeAllConnections()
    manager.close()
  })

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    clearCaches()
    read = apiKeysFromSecret('arn:aws:secretsmanager:us-east-1:000000000000:secret:keys')
    asked = 0
    answer = holding({ SecretString: JSON.stringify(KEYS) })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  test('are asked for once in a minute', async () => {
    const first = await read()
    laterBy(59_000)
    const second = await read()

    expect([first, second]).toEqual([KEYS, KEYS])
    expect(asked).toBe(1)
  })

  test('are good for a minute after they were revoked, and not longer', async () => {
    await read()
    answer = holding({ SecretString: JSON.stringify(REVOKED) })
    laterBy(61_000)

    const keys = await read()

    expect(keys).toEqual(REVOKED)
  })

  test('that may not be read are nobody’s fault who signs: come again', async () => {
    answer = denying

    await expect(read()).rejects.toEqual(busy)
  })

  test('that may not be read any more are good for a quarter of an hour, and not longer', async () => {
    await read()
    answer = denying
    laterBy(14 * 60_000)
    const soon = await read()
    laterBy(2 * 60_000)

    const later = read()

    expect(soon).toEqual(KEYS)
    await expect(later).rejects.toEqual(busy)
  })

  test('that nobody answers for are the last ones, after a short wait', async () => {
    await read()
    answer = () => {}
    laterBy(61_000)

    const keys = await Promise.race([read(), sleep(8_000, 'still waiting')])

    expect(keys).toEqual(KEYS)
  })

  test('that are revoked in that time are revoked half a minute after they can be read', async () => {
    await read()
    answer = denying
    laterBy(5 * 60_000)
    await read()
    answer = holding({ SecretString: JSON.stringify(REVOKED) })
    laterBy(30_000)

    const keys = await read()

    expect(keys).toEqual(REVOKED)
  })

  test('that are bytes are no keys', async () => {
    answer = holding({ SecretBinary: Buffer.from(JSON.stringify(KEYS)).toString('base64') })

    await expect(read()).rejects.toEqual(busy)
  })

  test('that are not what they should be are never quoted', async () => {
    answer = holding({ SecretString: JSON.stringify(KEYS).slice(0, -1) })

    const failure = await failureOf(read)

    expect(failure).toContain('the API keys are not what they should be')
    expect(failure).not.toContain(SECRET)
  })
})
