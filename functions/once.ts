import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  IdempotencyValidationError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import type { Context } from 'aws-lambda'
import type { Caller } from '../lib/http/caller.ts'
import { busy, Problem } from '../lib/http/problem.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { setting } from './settings.ts'

/** What a mutation that moves no money is known by. */
export interface Asked {
  readonly caller: Pick<Caller, 'client'>
  readonly idempotencyKey: string | undefined
  readonly requestId: string
  readonly context: Context
  readonly params: unknown
  readonly body: unknown
}

interface Answered<Body> {
  readonly body: Body
  readonly headers?: Record<string, string>
}

/** The partition of the Audit table where answers are kept: a function's rights can then end there. */
export const ANSWERS_PARTITION = 'I'
const ANSWERS_ARE_KEPT_FOR_SECONDS = 86_400

/**
 * Answers a second try with the same key as the first one was answered, within a day. Money does not come through
 * here: the record of a movement is committed with the movement, and kept for ever.
 */
export function createOnce() {
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: setting('AUDIT_TABLE'),
    awsSdkV3Client: openDynamoDb(),
    keyAttr: 'pk',
    sortKeyAttr: 'sk',
    staticPkValue: ANSWERS_PARTITION,
  })

  return async <Body>(
    operation: string,
    { caller, idempotencyKey, requestId, context, params, body }: Asked,
    work: () => Promise<Answered<Body>>,
  ): Promise<Answered<Body>> => {
    if (idempotencyKey === undefined) return work()
    const config = new IdempotencyConfig({
      eventKeyJmesPath: 'key',
      payloadValidationJmesPath: 'asked',
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: ANSWERS_ARE_KEPT_FOR_SECONDS,
    })
    // One that is killed half-way is in nobody's way for longer than it could have taken.
    config.registerLambdaContext(context)
    const answerOnce = makeIdempotent(
      async (_: object) => ({ requestId, answer: JSON.stringify(await work()) }),
      { persistenceStore, config },
    )
    try {
      const key = [caller.client, idempotencyKey]
      const kept = await answerOnce({ key, asked: { operation, params, body } })
      const answered: Answered<Body> = JSON.parse(kept.answer)
      if (kept.requestId === requestId) return answered
      return { ...answered, headers: { ...answered.headers, 'idempotency-replayed': 'true' } }
    } catch (error) {
      throw toProblem(error)
    }
  }
}

function toProblem(error: unknown): unknown {
  const isInTheWay =
    error instanceof IdempotencyAlreadyInProgressError ||
    error instanceof IdempotencyPersistenceLayerError
  if (isInTheWay) return busy(error)
  if (error instanceof IdempotencyValidationError) {
    return new Problem(
      'IDEMPOTENCY_KEY_REUSED',
      'This key was sent with another request. Use a new key for a new request.',
    )
  }
  return error
}
