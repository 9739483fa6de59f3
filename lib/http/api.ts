import type { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as z from 'zod'
import { answerProblems } from './answer-problems.ts'
import { authorize, type Caller, type Identify } from './caller.ts'
import { etag } from './etag.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { readJsonBody } from './json-body.ts'
import { logRequests } from './log-requests.ts'
import { busy, Problem } from './problem.ts'
import { type ApiEvent, type HttpRequest, readRequest, routeKeyOf } from './request.ts'
import {
  type ApiFunction,
  matchPath,
  ROUTES,
  type Route,
  type RouteNameOf,
  type Routes,
  routeKey,
} from './routes.ts'
import { parsePart } from './validate.ts'

/** What an operation gets: parsed, authorized, and typed by its route. */
export interface Call<R extends Route = Route> {
  readonly params: z.output<R['params']>
  readonly query: z.output<R['query']>
  readonly body: R['body'] extends z.ZodType ? z.output<R['body']> : undefined
  readonly caller: R['access'] extends { kind: 'public' } ? undefined : Caller
  readonly idempotencyKey: R['needsKey'] extends true ? string : undefined
  readonly requestId: string
}

export interface Answer<Body = unknown> {
  readonly body: Body
  readonly headers?: Readonly<Record<string, string>>
}

export type Operation<R extends Route> = (call: Call<R>) => Promise<Answer<z.input<R['answer']>>>
export type Operations<Name extends ApiFunction> = {
  readonly [Key in RouteNameOf<Name>]: Operation<Routes[Key]>
}

export interface ApiResponse {
  statusCode: number
  headers: Record<string, string>
  body: string
}

export interface ApiOptions {
  readonly identify: Identify
  readonly logger: Logger
}

/** The Lambda handler of one function: its routes from the table, its operations from the caller. */
export function createApi<Name extends ApiFunction>(
  name: Name,
  operations: Operations<Name>,
  { identify, logger }: ApiOptions,
) {
  const routes = routesOf(name, operations)

  async function answer(event: ApiEvent, { awsRequestId }: Context): Promise<ApiResponse> {
    const request = readRequest(event)
    const served = routes.get(request.routeKey)
    if (!served) throw unknownRoute(request)
    const { route, operation } = served

    const caller =
      route.access.kind === 'public'
        ? undefined
        : authorize(route.access, await identify(request), request.params['walletId'])
    const call = {
      body: route.body && parsePart(route.body, readJsonBody(request)),
      idempotencyKey: route.needsKey
        ? readIdempotencyKey(request.headers['idempotency-key'])
        : undefined,
      params: parsePart(route.params, request.params),
      query: parsePart(route.query, request.query),
      caller,
      requestId: awsRequestId,
    }
    // `Operations` has checked that this operation takes what its route gives; the map cannot say so.
    const { body, headers } = await operation(call as never)
    return {
      statusCode: route.status,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }
  }

  return middy<ApiEvent, ApiResponse, Error, Context>({
    timeoutEarlyInMillis: LAST_WORDS_MS,
    timeoutEarlyResponse: () => {
      throw busy()
    },
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logRequests(logger))
    .use(answerProblems(logger))
    .use(etag((event) => routes.get(routeKeyOf(event))?.route.etag === true))
    .handler(answer)
}

/** What is left of a function's time when it gives up, so that the caller hears of it. */
const LAST_WORDS_MS = 500

interface Served {
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
    if (!operation) throw new Error(`${routeName} has no operation in the function ${name}`)
    routes.set(routeKey(route), { route, operation })
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
