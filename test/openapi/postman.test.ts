import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ROUTES, type Route } from '../../lib/http/routes.ts'

const variable = z.looseObject({ key: z.string(), value: z.string() })

const request = z.looseObject({
  method: z.enum(['GET', 'POST', 'PUT']),
  url: z.looseObject({
    raw: z.string(),
    host: z.tuple([z.literal('{{baseUrl}}')]),
    path: z.array(z.string().min(1)).min(1),
    query: z.array(variable),
    variable: z.array(variable),
  }),
  header: z.array(variable),
  body: z.looseObject({ mode: z.literal('raw'), raw: z.string() }).optional(),
})

/** What of version 2.1 this collection needs. */
const collection = z.looseObject({
  info: z.looseObject({
    name: z.string(),
    schema: z.literal('https://schema.getpostman.com/json/collection/v2.1.0/collection.json'),
  }),
  auth: z.strictObject({ type: z.literal('bearer'), bearer: z.tuple([variable]) }),
  variable: z.array(variable),
  item: z.array(
    z.looseObject({
      name: z.string(),
      item: z.array(z.looseObject({ name: z.string(), request, response: z.array(z.unknown()) })),
    }),
  ),
})

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'strongbox.postman_collection.json')
const text = readFileSync(FILE, 'utf8')
const parsed = collection.parse(JSON.parse(text))
const requests = parsed.item.flatMap(({ item }) => item.map((item) => item.request))

/** As the route table writes a path: `{walletId}` and not `:walletId`. */
function routeOf({ method, url }: z.output<typeof request>): string {
  const parts = url.path.map((part) => part.replace(/^:(.+)$/, '{$1}'))
  return `${method} /${parts.join('/')}`
}

test('the collection has every route once, and nothing else', () => {
  const declared = Object.values<Route>(ROUTES).map(({ method, path }) => `${method} ${path}`)

  expect(requests.map(routeOf)).toHaveLength(declared.length)
  expect(new Set(requests.map(routeOf))).toEqual(new Set(declared))
})

test('it asks for an address and a token, once for all requests', () => {
  expect(parsed.variable.map(({ key }) => key)).toEqual(['baseUrl', 'token'])
  expect(parsed.auth.bearer[0]).toMatchObject({ key: 'token', value: '{{token}}' })
  expect(requests.filter((sent) => 'auth' in sent)).toEqual([])
})

test('it has nothing in it that another run would make otherwise', () => {
  expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/)
  expect(text).not.toContain('"id":')
})

describe.each(requests.map((sent) => ({ name: routeOf(sent), sent })))(
  '$name',
  ({ name, sent }) => {
    const route = Object.values<Route>(ROUTES).find(
      ({ method, path }) => name === `${method} ${path}`,
    )

    test('fills in every variable of its path', () => {
      const named = sent.url.path
        .filter((part) => part.startsWith(':'))
        .map((part) => part.slice(1))

      expect(sent.url.variable.map(({ key }) => key)).toEqual(named)
      expect(sent.url.variable.filter(({ value }) => value === '')).toEqual([])
    })

    test('sends a new key each time, if it needs one', () => {
      const keys = sent.header.filter(({ key }) => key === 'Idempotency-Key')

      expect(keys.map(({ value }) => value)).toEqual(
        route?.needsKey || route?.takesKey ? ['{{$guid}}'] : [],
      )
    })

    test('sends the body that the route takes', () => {
      const body = sent.body && route?.body?.().safeParse(JSON.parse(sent.body.raw))

      expect(body?.success).toBe(route?.body ? true : undefined)
    })
  },
)
