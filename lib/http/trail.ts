import type { Context } from 'aws-lambda'
import type { TransactionId } from '../money/transaction.ts'
import type { Caller } from './caller.ts'
import type { ProblemCode } from './problem.ts'
import { type ApiEvent, type HttpRequest, readRequest } from './request.ts'

/** What is known of a request so far, for those who tell about it when it is over. */
export interface Trail {
  readonly request: HttpRequest
  readonly startedAt: number
  /** The route's name in the table; undefined for an unknown path. */
  operation?: string
  caller?: Caller
  /** Of the transaction that this request makes, or would have made. */
  transactionId?: TransactionId
  /** In the caller's words, where the request gives one. */
  reason?: string | undefined
  /** For every answer, whatever becomes of the request. */
  headers: Readonly<Record<string, string>>
  /** Undefined while nothing went wrong. */
  code?: ProblemCode
}

const trails = new WeakMap<Context, Trail>()

/** One request has one context, so that is what its trail is found by. */
export function trailOf(context: Context, event: ApiEvent): Trail {
  const known = trails.get(context)
  if (known) return known
  const trail: Trail = { request: readRequest(event), startedAt: performance.now(), headers: {} }
  trails.set(context, trail)
  return trail
}
