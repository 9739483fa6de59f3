import {
  type AttributeValue,
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb'
import type { Random } from '../random.ts'

/** What DynamoDB says when it does not do what it was asked, as the SDK throws it. */

type Row = Record<string, AttributeValue>

const BAD_REQUEST = { httpStatusCode: 400 }
const SERVER_ERROR = { httpStatusCode: 500 }

/** A fresh one each time: the client writes into it. */
const refused = () => ({ ...BAD_REQUEST })

export function invalid(message: string): DynamoDBServiceException {
  return new DynamoDBServiceException({
    name: 'ValidationException',
    $fault: 'client',
    $metadata: refused(),
    message,
  })
}

export function noTable(): ResourceNotFoundException {
  return new ResourceNotFoundException({
    $metadata: refused(),
    message: 'Requested resource not found',
  })
}

export function conditionFailed(item: Row | undefined): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    $metadata: refused(),
    message: 'The conditional request failed',
    ...(item && { Item: item }),
  })
}

/** One reason for each item, in their order. */
export function cancelled(reasons: CancellationReason[]): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(', ')
  return new TransactionCanceledException({
    $metadata: refused(),
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
  })
}

export function inTransaction(): TransactionConflictException {
  return new TransactionConflictException({
    $metadata: refused(),
    message: 'Transaction is ongoing for the item',
  })
}

export function stillRunning(): TransactionInProgressException {
  return new TransactionInProgressException({
    $metadata: refused(),
    message: 'The transaction with the given request token is already in progress.',
  })
}

export function otherRequest(): IdempotentParameterMismatchException {
  return new IdempotentParameterMismatchException({
    $metadata: refused(),
    message: 'The parameters of the request differ from those of the first with its token.',
  })
}

/** A table that is billed by request, with a partition that has too much to do. */
export function throttled(): ThrottlingException {
  return new ThrottlingException({
    $metadata: refused(),
    message: 'Throughput exceeds the current capacity of a key range.',
  })
}

export function exceeded(): ProvisionedThroughputExceededException {
  return new ProvisionedThroughputExceededException({
    $metadata: refused(),
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  })
}

/** Either of the two, as the table is billed. */
export function overloaded({
  chance,
}: Random): ThrottlingException | ProvisionedThroughputExceededException {
  return chance(0.5) ? throttled() : exceeded()
}

export function serverError(): InternalServerError {
  return new InternalServerError({
    $metadata: { ...SERVER_ERROR },
    message: 'Internal server error',
  })
}
