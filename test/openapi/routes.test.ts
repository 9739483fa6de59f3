import { describe, expect, test } from 'vitest'
import { PROBLEMS } from '../../lib/http/problem.ts'
import { ROUTES, type Route } from '../../lib/http/routes.ts'
import { child, children, type Place, root } from '../support/openapi.ts'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

const routes = Object.entries<Route>(ROUTES).map(([name, route]) => ({ name, ...route }))

/** Every operation by method and path, as in `POST /v1/transactions`. */
const operations = new Map(
  Array.from(children(child(root, 'paths'))).flatMap(([path, item]) =>
    Array.from(children(item))
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  ),
)

function operationOf({ method, path }: Pick<Route, 'method' | 'path'>): Place {
  const operation = operations.get(`${method} ${path}`)
  if (!operation) throw new Error(`${method} ${path} is not in the document`)
  return operation
}

/** The codes that the document gives an operation, by status. */
function codesOf(operation: Place): Record<string, unknown> {
  const answers = Array.from(children(child(operation, 'responses')))
  return Object.fromEntries(
    answers
      .filter(([status]) => status >= '400')
      .map(([status, answer]) => {
        const [media] = children(child(answer, 'content')).values()
        const schema = media && child(media, 'schema')
        const code = schema && children(child(schema, 'properties')).get('code')
        return [status, code?.value['enum']]
      }),
  )
}

test('the document has every route of the table, and nothing else', () => {
  const documented = Array.from(operations, ([key, { value }]) => `${key} ${value['operationId']}`)

  const declared = routes.map(({ name, method, path }) => `${method} ${path} ${name}`)
  expect(new Set(documented)).toEqual(new Set(declared))
  expect(documented).toHaveLength(declared.length)
})

describe.each(routes)('$name', (route) => {
  const operation = operationOf(route)
  const parameters = Array.from(
    children(child(operation, 'parameters')).values(),
    ({ value }) => value,
  )

  test('takes the parameters of its path, and a key if it changes something', () => {
    const inPath = parameters.filter((parameter) => parameter['in'] === 'path')
    const headers = parameters.filter((parameter) => parameter['in'] === 'header')

    const wanted = Array.from(route.path.matchAll(/\{(\w+)\}/g), ([, name]) => name)
    expect(inPath.map(({ name }) => name)).toEqual(wanted)
    expect(headers.map(({ name }) => name)).toEqual([
      ...(route.needsKey || route.takesKey ? ['Idempotency-Key'] : []),
      ...(route.takesIfMatch ? ['If-Match'] : []),
      ...(route.etag ? ['If-None-Match'] : []),
    ])
  })

  test('says who may call it', () => {
    const isPublic = route.access.kind === 'public'

    expect(operation.value['security']).toEqual(
      isPublic ? [] : [{ bearerAuth: [] }, { httpSignature: [] }],
    )
    expect(operation.value['x-required-scopes']).toEqual(
      isPublic ? undefined : route.access.kind === 'scopes' ? route.access.scopes : [],
    )
    expect(Object.hasOwn(codesOf(operation), '401')).toBe(!isPublic)
    expect(Object.hasOwn(codesOf(operation), '403')).toBe(route.access.kind === 'scopes')
  })

  test('answers what it declines with, each under its own status', () => {
    const codes = codesOf(operation)

    for (const code of route.declines) {
      expect(codes[PROBLEMS[code].status]).toContain(code)
    }
    for (const [status, ofStatus] of Object.entries(codes)) {
      const statuses = [ofStatus ?? []]
        .flat()
        .map((code) => PROBLEMS[code as keyof typeof PROBLEMS].status)
      expect(new Set(statuses)).toEqual(new Set([Number(status)]))
    }
  })

  test('answers its own status, and 304 if it has an ETag', () => {
    const statuses = Object.keys(Object(operation.value['responses']))

    expect(statuses.filter((status) => status < '400')).toEqual([
      String(route.status),
      ...(route.etag ? ['304'] : []),
    ])
  })
})
