import type { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import type { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as z from 'zod/mini'
import type { ConflictCount } from '../ledger/conflict-count.ts'
import { transactionId } from '../money/transaction.ts'
import { type AccessLog, recordAccess } from './access-log.ts'
import { answerProblems } from './answer-problems.ts'
import type { Identify } from './auth/identify.ts'
import { assertRule, authorize, type Caller } from './caller.ts'
import { cors } from './cors.ts'
import { etag, readIfMatch } from './etag.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { readJsonBody } from './json-body.ts'
import { logRequests } from './log-requests.ts'
import { measure } from './measure.ts'
import { busy, Problem } from './problem.ts'
import type { TakeToken } from './rate-limit.ts'
import { type ApiEvent, type HttpRequest, routeKeyOf } from './request.ts'
import type { RouteAnswer } from './route-answers.ts'
import {
  type ApiFunction,
  type GetSchema,
  matchPath,
  ROUTES,
  type Route,
  type RouteName,
  type RouteNameOf,
  type Routes,
  routeKey,
} from './routes.ts'
import { checkSizes } from './sizes.ts'
import { type Trail, trailOf } from './trail.ts'
import { parsePart } from './validate.ts'

/** What an operation gets: parsed, authorized, and typed by its route. */
export interface Call<R extends Route = Route> {
  readonly params: z.output<ReturnType<R['params']>>
  readonly query: z.output<ReturnType<R['query']>>
  readonly body: R['body'] extends GetSchema ? z.output<ReturnType<R['body']>> : undefined
  readonly caller: R['access'] extends { kind: 'public' } ? undefined : Caller
  readonly idempotencyKey: R['needsKey'] extends true
    ? string
    : R['takesKey'] extends true
      ? string | undefined
      : undefined
  readonly ifMatch: R['takesIfMatch'] extends true ? ReturnType<typeof readIfMatch> : undefined
  readonly requestId: string
  /** How long it may still take, among others. */
  readonly context: Context
}

export interface Answer<Body = unknown> {
  readonly body: Body
  readonly headers?: Readonly<Record<string, string>>
  /** For a body that is not text. */
  readonly isBase64Encoded?: boolean
}

export type Operation<Name extends RouteName> = (
  call: Call<Routes[Name]>,
) => Promise<Answer<RouteAnswer<Name>>>
export type Operations<Name extends ApiFunction> = {
  readonly [Key in RouteNameOf<Name>]: Operation<Key>
}

export interface ApiResponse {
  statusCode: number
  headers: Record<string, string>
  body: string
  isBase64Encoded?: boolean
}

export interface ApiOptions {
  readonly identify: Identify
  readonly takeToken: TakeToken
  /** Whose pages may call from a browser. */
  readonly corsOrigins: readonly string[]
  readonly logger: Logger
  readonly metrics: Metrics
  readonly conflictCount: Pick<ConflictCount, 'take'>
  readonly accessLog: AccessLog
}

/** The Lambda handler of one function: its routes from the table, its operations from the caller. */
export function createApi<Name extends ApiFunction>(
  name: Name,
  operations: Operations<Name>,
  options: ApiOptions,
) {
  const { identify, takeToken, corsOrigins, logger, accessLog } = options
  const routes = routesOf(name, operations)

  async function answer(event: ApiEvent, context: Context): Promise<ApiResponse> {
    const trail = trailOf(context, event)
    const { request } = trail
    checkSizes(request)
    if (request.method === 'OPTIONS' && corsOrigins.length > 0)
      return { statusCode: 204, headers: {}, body: '' }
    const served = routes.get(request.routeKey)
    if (served) trail.operation = served.name
    const caller = served && isPublic(served.route) ? undefined : await admit(trail, served?.route)
    if (!served) throw unknownRoute(request)
    const { route, operation } = served

    const call = readCall(trail, route, caller)
    trail.reason = reasonIn(call.body)
    // `Operations` has checked that this operation takes what its route gives; the map cannot say so.
    const { body, headers, isBase64Encoded } = await operation({
      ...call,
      caller,
      requestId: context.awsRequestId,
      context,
    } as never)
    return {
      statusCode: route.status,
      headers: { 'content-type': route.contentType, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(isBase64Encoded && { isBase64Encoded }),
    }
  }

  /** Bad credentials are refused whatever they are sent for; who sends none may learn that a path is unknown. */
  async function admit(trail: Trail, route: Route | undefined): Promise<Caller | undefined> {
    const { request } = trail
    const caller = await identify(request)
    if (caller) {
      trail.caller = caller
      trail.headers = takeToken(caller, route?.rate ?? 'read')
    }
    return route && authorize(route.access, caller, request.params['walletId'])
  }

  return middy<ApiEvent, ApiResponse, Error, Context>({
    timeoutEarlyInMillis: LAST_WORDS_MS,
    timeoutEarlyResponse: () => {
      throw busy()
    },
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logRequests(logger))
    .use(measure(options))
    .use(recordAccess(accessLog))
    .use(cors(corsOrigins))
    .use(answerProblems(logger))
    .use(etag((event) => routes.get(routeKeyOf(event))?.route.etag === true))
    .handler(answer)
}

/** What the request says, parsed by the schemas of its route. */
function readCall(trail: Trail, route: Route, caller: Caller | undefined) {
  const { request } = trail
  const header = request.headers['idempotency-key']
  const isRead = route.needsKey || (route.takesKey && header?.trim())
  const idempotencyKey = isRead ? readIdempotencyKey(header) : undefined
  if (caller && idempotencyKey && route.needsKey)
    trail.transactionId = transactionId(caller.client, idempotencyKey)
  return {
    body: route.body && parsePart(route.body(), readJsonBody(request)),
    idempotencyKey,
    ifMatch: route.takesIfMatch ? readIfMatch(request.headers['if-match']) : undefined,
    params: parsePart(route.params(), request.params),
    query: parsePart(route.query(), request.query),
  }
}

/** Why an operator does something, for the access record. */
function reasonIn(body: unknown): string | undefined {
  const reason: unknown = Object(body)['reason']
  return typeof reason === 'string' ? reason : undefined
}

function isPublic({ access }: Route): boolean {
  return access.kind === 'public'
}

/** What is left of a function's time when it gives up, so that the caller hears of it. */
const LAST_WORDS_MS = 500

interface Served {
  readonly name: string
  readonly route: Route
  readonly operation: (call: never) => Promise<Answer>
}

function routesOf<Name extends ApiFunction>(
  name: Name,
  operations: Operations<Name>,
): Map<string, Served> {
  const byName = new Map(Object.entries<Served['operation']>(operations))
  const routes = new Map<string, Served>()
  for (const [routeName, route] of Object.entries<Route>(ROUTES)) {
    if (route.function !== name) continue
    const operation = byName.get(routeName)
    assertRule(route)
    if (!operation) throw new Error(`${routeName} has no operation in the function ${name}`)
    routes.set(routeKey(route), { name: routeName, route, operation })
  }
  return routes
}

/** 404, or 405 where the path is one of ours and only the method is not. */
function unknownRoute({ method, path }: HttpRequest): Problem {
  const allowed = Object.values<Route>(ROUTES).filter((route) => matchPath(route.path, path))
  // A path in another spelling, as in %77allets, can look like one of ours and yet have matched none.
  const isUnknown = allowed.length === 0 || allowed.some((route) => route.method === method)
  if (isUnknown) return new Problem('NOT_FOUND', `There is nothing at ${path}.`)
  const allow = Array.from(new Set(allowed.map((route) => route.method))).join(', ')
  return new Problem('METHOD_NOT_ALLOWED', `${method} is not allowed here; ${allow} is.`, {
    headers: { allow },
  })
}
