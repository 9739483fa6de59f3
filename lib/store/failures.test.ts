import { expect, test } from 'vitest'
import { isRefusal, isSentAgain, isThrottle, StoreUnavailable, unavailableOr } from './failures.ts'

function failure(name: string, facts: object = {}): Error {
  return Object.assign(new Error(name), { name, ...facts })
}

const answered = (httpStatusCode: number, attempts = 1) => ({
  $metadata: { httpStatusCode, attempts },
})

test.each([
  ['a timeout', failure('TimeoutError')],
  ['a connection that broke', failure('Error', { code: 'ECONNRESET' })],
  ['an aborted request', failure('AbortError')],
  ['a server error', failure('InternalServerError', answered(500))],
  ['a throttle', failure('ThrottlingException', answered(400))],
  ['our own request, still in progress', failure('TransactionInProgressException', answered(400))],
])('%s is an outage, and no refusal', (_, error) => {
  expect(unavailableOr(error)).toBeInstanceOf(StoreUnavailable)
  expect(isRefusal(error)).toBe(false)
})

test.each([
  ['a refusal', failure('ValidationException', answered(400)), true],
  ['a missing permission', failure('AccessDeniedException', answered(400)), true],
  ['a bug', new TypeError('not a function'), false],
])('%s is no outage', (_, error, isRefused) => {
  expect(unavailableOr(error)).toBe(error)
  expect(isRefusal(error)).toBe(isRefused)
})

test('a second attempt of the SDK is recognized', () => {
  expect(isSentAgain(failure('ThrottlingException', answered(400, 1)))).toBe(false)
  expect(isSentAgain(failure('ThrottlingException', answered(400, 2)))).toBe(true)
  expect(isThrottle(failure('ThrottlingException'))).toBe(true)
})
