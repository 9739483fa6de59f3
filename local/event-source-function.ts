import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { lambdaContext } from './lambda-context.ts'

/** A function that is given a table's changes. What it answers is Lambda's to judge, so it may be anything. */
export type StreamHandler = (event: DynamoDBStreamEvent, context: Context) => Promise<unknown>

export interface Invocation {
  readonly requestId: string
  /** The place in the batch of the first record that has to come again; undefined if all went well. */
  readonly firstFailure: number | undefined
  /** What the function threw, if it did. */
  readonly thrown?: unknown
}

export interface StreamFunction {
  readonly arn: string
  readonly invoke: (records: readonly DynamoDBRecord[]) => Promise<Invocation>
}

export interface StreamFunctionOptions {
  readonly name: string
  readonly handler: StreamHandler
  readonly timeoutMs: number
  readonly reportBatchItemFailures: boolean
}

export function createStreamFunction(options: StreamFunctionOptions): StreamFunction {
  const { name, handler, timeoutMs, reportBatchItemFailures } = options

  async function invoke(records: readonly DynamoDBRecord[]): Promise<Invocation> {
    const context = lambdaContext(name, timeoutMs)
    const requestId = context.awsRequestId
    try {
      // A copy: what a function does to its event must not be in the next try.
      const answer = await handler({ Records: structuredClone([...records]) }, context)
      const firstFailure = reportBatchItemFailures ? firstFailureIn(answer, records) : undefined
      return { requestId, firstFailure }
    } catch (thrown) {
      return { requestId, firstFailure: 0, thrown }
    }
  }

  return { arn: lambdaContext(name, timeoutMs).invokedFunctionArn, invoke }
}

/** Lambda's rules: no report is a success, and one that names anything but records of this batch fails the whole of it. */
export function firstFailureIn(
  answer: unknown,
  records: readonly DynamoDBRecord[],
): number | undefined {
  const failures = isObject(answer) ? (answer['batchItemFailures'] ?? []) : []
  if (!Array.isArray(failures)) return 0
  if (failures.length === 0) return undefined
  const places = failures.map((failure: unknown) =>
    records.findIndex(
      ({ dynamodb }) => isObject(failure) && dynamodb?.SequenceNumber === failure['itemIdentifier'],
    ),
  )
  return Math.max(0, Math.min(...places))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
