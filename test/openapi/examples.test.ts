import { expect, test } from 'vitest'
import { child, children, faultsBy, type Place, root } from '../support/openapi.ts'

interface Example {
  readonly where: string
  readonly value: unknown
  readonly schema: string
}

/** Every example and every default in the document, with the schema that it has to fit. */
function examplesBelow(place: Place): Example[] {
  const inPlace = [...beside(place), ...within(place)]
  const below = Object.entries(place.value).flatMap(([name, value]) => {
    const isPart = typeof value === 'object' && value !== null && !isData(name, place)
    const pointer = `${place.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    // Not by way of `child`: what is referred to is met where it is.
    return isPart ? examplesBelow({ value: { ...value }, pointer }) : []
  })
  return [...inPlace, ...below]
}

/** Of a body, a parameter or a header, which has its schema beside it. */
function beside(place: Place): Example[] {
  const schema = child(place, 'schema')
  if (!schema) return []
  const named = Array.from(
    children(child(place, 'examples')).values(),
    ({ value }) => value['value'],
  )
  const all = 'example' in place.value ? [place.value['example'], ...named] : named
  return all.map((value) => ({ where: place.pointer, value, schema: schema.pointer }))
}

/** Of a schema itself. */
function within({ value: { examples, default: fallback }, pointer }: Place): Example[] {
  const all = [
    ...(Array.isArray(examples) ? examples : []),
    ...(fallback === undefined ? [] : [fallback]),
  ]
  return all.map((value) => ({ where: pointer, value, schema: pointer }))
}

/** An example may look like a part of the document, as the one of /openapi.json does. */
function isData(name: string, { pointer }: Place): boolean {
  return ['example', 'examples', 'default'].includes(name) && !pointer.endsWith('/properties')
}

const examples = examplesBelow(root)

test.each(examples)('what $where shows is what its schema says', ({ value, schema }) => {
  expect(faultsBy(schema, value)).toEqual([])
})

test('every parameter, body and answer shows what it looks like', () => {
  const shown = new Set(examples.map(({ where }) => where))
  const operations = Array.from(children(child(root, 'paths')).values()).flatMap((item) =>
    Array.from(children(item).values()),
  )
  const parts = operations.flatMap((operation) => [
    ...children(child(operation, 'parameters')).values(),
    ...[
      child(operation, 'requestBody'),
      ...children(child(operation, 'responses')).values(),
    ].flatMap((answer) => (answer ? Array.from(children(child(answer, 'content')).values()) : [])),
  ])

  const bare = parts.map(({ pointer }) => pointer).filter((pointer) => !shown.has(pointer))

  expect(parts.length).toBeGreaterThan(100)
  expect(bare).toEqual([])
})
