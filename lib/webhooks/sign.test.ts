import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newSecret } from '../../test/support/events.ts'
import { signedHeaders } from './sign.ts'

// Against a package that shares no code with us, so that what both agree on is the specification.

const BODY = '{"type":"transaction.posted","note":"ünïcode"}'

function signed(secrets: readonly string[], sentAt = Date.now()) {
  return signedHeaders({ id: 'an-event', sentAt, body: BODY }, secrets)
}

test('a receiver who knows the secret can verify it', () => {
  const secret = newSecret()

  expect(new Webhook(secret).verify(BODY, signed([secret]))).toEqual(JSON.parse(BODY))
})

test('the example that libraries for it are tested with has the same signature here', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'
  const [id, sentAt] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000]

  const { 'webhook-signature': signature } = signedHeaders({ id, sentAt, body }, [secret])

  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('Svix’s names of the headers say the same', () => {
  const headers = signed([newSecret()])

  for (const part of ['id', 'timestamp', 'signature']) {
    expect(headers[`svix-${part}`]).toBe(headers[`webhook-${part}`])
  }
})

test('while secrets rotate, a receiver needs to know just one of them', () => {
  const [next, last] = [newSecret(), newSecret()]

  const headers = signed([next, last])

  for (const secret of [next, last]) {
    expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  }
})

test.each([
  ['another body', { body: BODY.replace('posted', 'posed') }],
  ['another id', { 'webhook-id': 'another-event' }],
  ['another time', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }],
])('%s is a forgery', (_, change) => {
  const secret = newSecret()
  const { body = BODY, ...headers } = change as Record<string, string>

  const verify = () => new Webhook(secret).verify(body, { ...signed([secret]), ...headers })

  expect(verify).toThrow('No matching signature')
})

test('so is what another secret signed', () => {
  const verify = () => new Webhook(newSecret()).verify(BODY, signed([newSecret()]))

  expect(verify).toThrow('No matching signature')
})

test('what was sent long ago is not taken by a receiver who minds the time', () => {
  const secret = newSecret()

  const verify = () => new Webhook(secret).verify(BODY, signed([secret], Date.now() - 301_000))

  expect(verify).toThrow('too old')
})
