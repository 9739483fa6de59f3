import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { createRetryQuota, type RetryClass, retryClassOf } from './sdk-retries.ts'
import { putInput, putTogether } from './world.ts'

/** The SDK's own client, before a network that always says the same. */
function openRealClient(answer: () => Promise<unknown>, maxAttempts = 2) {
  const bodies: string[] = []
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    maxAttempts,
    requestHandler: {
      async handle({ body }: { body: string | Uint8Array }) {
        bodies.push(typeof body === 'string' ? body : new TextDecoder().decode(body))
        return { response: await answer() }
      },
    },
  })
  return { client, bodies }
}

function httpError(statusCode: number, type: string) {
  const text = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'no' })
  return async () => ({
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: new Blob([text]).stream(),
  })
}

function networkError(name: string, code?: string) {
  return () => Promise.reject(Object.assign(new Error('no'), { name, ...(code && { code }) }))
}

const REFUSALS: [string, () => Promise<unknown>][] = [
  ['ValidationException', httpError(400, 'ValidationException')],
  ['ResourceNotFoundException', httpError(400, 'ResourceNotFoundException')],
  ['ConditionalCheckFailedException', httpError(400, 'ConditionalCheckFailedException')],
  ['TransactionCanceledException', httpError(400, 'TransactionCanceledException')],
  ['TransactionConflictException', httpError(400, 'TransactionConflictException')],
  ['TransactionInProgressException', httpError(400, 'TransactionInProgressException')],
  ['IdempotentParameterMismatchException', httpError(400, 'IdempotentParameterMismatchException')],
  ['ThrottlingException', httpError(400, 'ThrottlingException')],
  [
    'ProvisionedThroughputExceededException',
    httpError(400, 'ProvisionedThroughputExceededException'),
  ],
  ['RequestLimitExceeded', httpError(400, 'RequestLimitExceeded')],
  ['InternalServerError', httpError(500, 'InternalServerError')],
  ['ServiceUnavailable', httpError(503, 'ServiceUnavailable')],
  ['a time-out', networkError('TimeoutError', 'ETIMEDOUT')],
  ['a broken connection', networkError('Error', 'ECONNRESET')],
  ['a broken pipe', networkError('Error', 'EPIPE')],
  ['an error of TLS', networkError('Error', 'EPROTO')],
  ['an abort', networkError('AbortError')],
]

test.each(REFUSALS)(
  '%s is sent again by the simulated client if it is by the SDK',
  async (_, answer) => {
    const { client, bodies } = openRealClient(answer)

    const error = await client.send(new PutItemCommand(putInput('alice', 1))).catch((e: Error) => e)

    expect(error).toBeInstanceOf(Error)
    const isSentAgain = error instanceof Error && retryClassOf(error) !== undefined
    expect(bodies.length).toBe(isSentAgain ? 2 : 1)
  },
)

test('both times with the same token', async () => {
  const { client, bodies } = openRealClient(httpError(500, 'InternalServerError'))
  const transaction = putTogether(['alice'], 1)

  await client.send(transaction).catch(() => {})

  const tokens = bodies.map((body) => JSON.parse(body).ClientRequestToken)
  expect(tokens[0]).toMatch(/.{16,}/)
  expect(tokens).toEqual([tokens[0], tokens[0]])
})

test('whoever fails all the time soon sends nothing again, as with the SDK', async () => {
  const { client, bodies } = openRealClient(httpError(500, 'InternalServerError'))
  const requests = 40

  for (let count = 0; count < requests; count += 1) {
    await client.send(new PutItemCommand(putInput('alice', 1))).catch(() => {})
  }

  expect(bodies.length - requests).toBe(timesTaken(requests))
}, 60_000)

function timesTaken(requests: number): number {
  const quota = createRetryQuota()
  const transient: RetryClass | undefined = retryClassOf(
    Object.assign(new Error(), { name: 'TimeoutError' }),
  )
  return Array.from({ length: requests }).filter(() => transient && quota.take(transient)).length
}
