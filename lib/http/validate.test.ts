import { expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { Problem } from './problem.ts'
import { ROUTES, type Route } from './routes.ts'
import { parsePart } from './validate.ts'

const bodies = Object.entries<Route>(ROUTES).flatMap(([name, { body }]) =>
  body ? [{ name, body: body() }] : [],
)
const fields = new Set(bodies.flatMap(({ body }) => Object.keys(Object(body).shape ?? {})))

/** What it says of a value that is not what it should be. */
function complaintsAbout(schema: z.ZodMiniType, value: unknown): string[] {
  try {
    parsePart(schema, value)
    return []
  } catch (error) {
    return error instanceof Problem ? (error.extras.errors ?? []).map(({ message }) => message) : []
  }
}

test.each(bodies)('a body that is no object is refused as that, by $name', ({ body }) => {
  const complaints = [[], null, 1, 'text'].map((value) => complaintsAbout(body, value))

  expect(complaints).toEqual(Array(4).fill(['must be an object']))
})

test.each(bodies)('what is wrong with a field is said in words of ours, by $name', ({ body }) => {
  const everywhere = (value: unknown) =>
    Object.fromEntries([...fields].map((name) => [name, value]))

  const complaints = [{}, ...[null, true, -1, '', [], [{}], { a: 1 }].map(everywhere)].flatMap(
    (value) => complaintsAbout(body, value),
  )

  // Of its own, the small edition of zod has these words and no others.
  expect(complaints).not.toContain('Invalid input')
  expect(complaints).not.toEqual([])
})
