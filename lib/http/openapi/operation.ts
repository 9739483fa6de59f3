import type * as z from 'zod/mini'
import { ROUTE_ANSWERS } from '../route-answers.ts'
import type { Route, RouteName } from '../routes.ts'
import { type HeaderName, headersNamed } from './headers.ts'
import { type Json, toJsonSchema } from './json-schema.ts'
import { OPERATIONS } from './operations.ts'
import { parametersOf } from './parameters.ts'
import { problemAnswers } from './problems.ts'
import { accessFields, accessSentence, securityOf } from './security.ts'

const JSON_TYPE = 'application/json'
const BODY_LIMIT =
  'Up to 32 KB of JSON, no deeper than 8 levels, with no field that is not named here.'
const NOT_MODIFIED = 304

/** What a route is, to its callers. */
export function operation(name: RouteName, route: Route): Json {
  const { tag, description, request, answer, contentTypes = [route.contentType] } = told(name)
  return {
    operationId: name,
    summary: route.summary,
    description: [description, accessSentence(route.access)].filter(Boolean).join('\n\n'),
    tags: [tag],
    security: securityOf(route.access),
    ...accessFields(route.access),
    'x-rate': route.rate,
    parameters: parametersOf(route),
    ...(route.body && { requestBody: requestBody(route.body(), request) }),
    responses: {
      [route.status]: success(name, route, answer, contentTypes),
      ...(route.etag && { [NOT_MODIFIED]: notModified(route) }),
      ...Object.fromEntries(
        problemAnswers(route).map(({ status, name: component }) => [
          status,
          { $ref: `#/components/responses/${component}` },
        ]),
      ),
    },
  }
}

interface AnyTold {
  readonly tag: string
  readonly description?: string
  readonly request?: unknown
  readonly answer: unknown
  readonly contentTypes?: readonly string[]
}

function told(name: RouteName): AnyTold {
  return OPERATIONS[name]
}

function requestBody(body: z.ZodMiniType, example: unknown): Json {
  return {
    // No body at all is read as an empty one.
    required: !body.safeParse({}).success,
    description: BODY_LIMIT,
    content: { [JSON_TYPE]: { schema: toJsonSchema(body), example } },
  }
}

function success(
  name: RouteName,
  route: Route,
  example: unknown,
  contentTypes: readonly string[],
): Json {
  const schema = toJsonSchema(ROUTE_ANSWERS[name])
  const replayed: HeaderName[] = route.needsKey || route.takesKey ? ['IdempotencyReplayed'] : []
  return {
    description: route.needsKey ? 'It has happened.' : 'As it was asked.',
    headers: headersNamed([...usualHeaders(route), ...replayed]),
    content: Object.fromEntries(contentTypes.map((type) => [type, { schema, example }])),
  }
}

function notModified(route: Route): Json {
  return {
    description: 'The caller has it already.',
    headers: headersNamed(usualHeaders(route)),
  }
}

function usualHeaders({ access, etag, takesIfMatch }: Route): HeaderName[] {
  return [
    'RequestId',
    ...(access.kind === 'public' ? [] : (['RateLimit', 'RateLimitPolicy'] as const)),
    ...(etag || takesIfMatch ? (['ETag'] as const) : []),
  ]
}
