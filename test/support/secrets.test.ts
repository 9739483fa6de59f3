import { expect, test } from 'vitest'
import { findLeaks } from './secrets.ts'

const SECRET = 'BHSOGGpz47IodVXwjWirGbWtYX+126bF9m4PY6hOaP0='

test.each([
  ['a token', '{"message":"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln"}'],
  ['an Authorization value', 'authorization: Bearer abcdefghij'],
  ['an Authorization value', '{"headers":{"authorization":"x"}}'],
  ['a signature', `"signature":"[redacted]", sig1=:${SECRET}:`],
  ['a signature', '{"signature-input":"sig1=()"}'],
  ['a secret', `the secret is ${SECRET}`],
])('%s is found in %s', (what, line) => {
  const leaks = findLeaks(`{"message":"fine"}\n${line}`, [])

  expect(leaks).toContainEqual({ what, line })
})

test('a secret that is known is found whatever it looks like', () => {
  const leaks = findLeaks('it is hunter2', ['hunter2'])

  expect(leaks).toEqual([{ what: 'a known secret', line: 'it is hunter2' }])
})

test('what a request usually logs is no leak', () => {
  const line = JSON.stringify({
    level: 'INFO',
    message: 'access',
    transactionId: 'txn_1vjfsocig91nopktoe7k19srmc',
    headers: { authorization: '[redacted]', signature: '[redacted]', 'content-type': 'text/plain' },
    xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793',
  })

  expect(findLeaks(line, [])).toEqual([])
})
