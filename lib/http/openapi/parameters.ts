import * as z from 'zod/mini'
import type { Route } from '../routes.ts'
import { type Json, toJsonSchema } from './json-schema.ts'

/** What a request says beside its body. */
export function parametersOf(route: Route): Json[] {
  const { params, query, needsKey, takesKey, takesIfMatch, etag } = route
  return [
    ...fieldsOf(params(), 'path'),
    ...fieldsOf(query(), 'query'),
    ...(needsKey ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(takesKey ? [{ $ref: '#/components/parameters/OptionalIdempotencyKey' }] : []),
    ...(takesIfMatch ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
    ...(etag ? [{ $ref: '#/components/parameters/IfNoneMatch' }] : []),
  ]
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: {
    type: 'string',
    // Quoted, with \" and \\ inside, it means what is between the quotes.
    pattern: '^(?:[!-~]{1,255}|"(?:[!#-\\[\\]-~]|\\\\["\\\\]){1,255}")$',
  },
  example: 'sword-of-dawn-1',
}

export const SHARED_PARAMETERS = {
  IdempotencyKey: {
    ...idempotencyKey,
    required: true,
    description:
      'A new one for each thing that you want to happen once: 1 to 255 visible ASCII characters, bare or as a quoted string.',
  },
  OptionalIdempotencyKey: {
    ...idempotencyKey,
    required: false,
    description:
      'Not needed, since asking twice does no harm. With one, a second try within a day gets the answer of the first.',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The `ETag` of the wallet that you read. If its metadata has changed since, nothing is written and the answer is 412. Money that moves does not count as a change. `*` asks only that the wallet exists.',
    schema: { type: 'string', pattern: '^(\\*|"\\d{1,15}\\.[\\w-]{43}")$' },
    example: '"3.X2G1dQ3uS8Q0mYk0yV3p8mJm8b1o6bJ4eA0i2l5Zt7c"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description:
      'The `ETag` of what you have: if it is still that, the answer is 304 and has no body.',
    schema: { type: 'string' },
    example: '"X2G1dQ3uS8Q0mYk0yV3p8mJm8b1o6bJ4eA0i2l5Zt7c"',
  },
}

function fieldsOf(schema: z.ZodMiniType, place: 'path' | 'query'): Json[] {
  if (!(schema instanceof z.ZodMiniObject))
    throw new Error('parameters are the fields of an object')
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...inPlace } = toJsonSchema(field)
    const named = namedSchema(inPlace)
    const [example = named['default']] = [named['examples'] ?? []].flat()
    return {
      name,
      in: place,
      required: !z.safeParse(field, undefined).success,
      description: description ?? named['description'],
      schema: inPlace,
      ...(example !== undefined && { example }),
    }
  })
}

/** The schema itself, or the one that it refers to. */
function namedSchema(schema: Json): Json {
  const { $ref, $defs } = schema
  if (typeof $ref !== 'string' || typeof $defs !== 'object') return schema
  const found: unknown = Object.entries($defs ?? {}).find(([id]) => $ref.endsWith(`/${id}`))?.[1]
  return typeof found === 'object' && found !== null ? { ...found } : schema
}
