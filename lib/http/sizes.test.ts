import { describe, expect, test } from 'vitest'
import { Problem } from './problem.ts'
import type { HttpRequest } from './request.ts'
import { checkSizes, MAX_HEADERS_BYTES, MAX_TARGET_BYTES } from './sizes.ts'

function request(target: HttpRequest['target'], headers: HttpRequest['headers'] = {}): HttpRequest {
  return {
    routeKey: '$default',
    method: 'GET',
    path: '/',
    target,
    params: {},
    query: {},
    headers,
    body: Buffer.alloc(0),
    clientIp: '192.0.2.1',
  }
}

/** What is wrong with it, or nothing. */
function codeOf(sized: HttpRequest): string | undefined {
  try {
    checkSizes(sized)
    return undefined
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.code}`
    throw error
  }
}

const pathOf = (bytes: number) => `/${'a'.repeat(bytes - 1)}`

describe('a path and its query', () => {
  test.each([
    { target: { path: pathOf(2_048), query: '' }, code: undefined },
    { target: { path: pathOf(2_049), query: '' }, code: '414 URI_TOO_LONG' },
    { target: { path: '/', query: 'q'.repeat(2_046) }, code: undefined },
    { target: { path: '/', query: 'q'.repeat(2_047) }, code: '414 URI_TOO_LONG' },
    { target: { path: pathOf(1_024), query: 'q'.repeat(1_023) }, code: undefined },
    { target: { path: pathOf(1_024), query: 'q'.repeat(1_024) }, code: '414 URI_TOO_LONG' },
    // Bytes, and not letters.
    { target: { path: `/${'é'.repeat(1_024)}`, query: '' }, code: '414 URI_TOO_LONG' },
  ])('of $target.path.length and $target.query.length letters: $code', ({ target, code }) => {
    expect(codeOf(request(target))).toBe(code)
  })

  test('may have 2,048 bytes together', () => {
    expect(MAX_TARGET_BYTES).toBe(2_048)
  })
})

describe('headers', () => {
  const target = { path: '/', query: '' }

  test.each([
    { headers: { a: 'v'.repeat(8_190) }, code: undefined },
    { headers: { a: 'v'.repeat(8_191) }, code: '431 HEADERS_TOO_LARGE' },
    { headers: { [`x-${'n'.repeat(8_190)}`]: '' }, code: '431 HEADERS_TOO_LARGE' },
    { headers: { a: 'é'.repeat(4_096) }, code: '431 HEADERS_TOO_LARGE' },
    { headers: manyHeaders(409), code: undefined },
    { headers: manyHeaders(411), code: '431 HEADERS_TOO_LARGE' },
    { headers: { authorization: `Bearer ${'t'.repeat(8_192)}` }, code: '431 HEADERS_TOO_LARGE' },
    { headers: { cookie: 'c'.repeat(8_192) }, code: '431 HEADERS_TOO_LARGE' },
  ])('may have 8,192 bytes together, names and values: $code', ({ headers, code }) => {
    expect(codeOf(request(target, headers))).toBe(code)
  })

  test('may have 8,192 bytes', () => {
    expect(MAX_HEADERS_BYTES).toBe(8_192)
  })

  /** Each takes 20 bytes, with what stands between a name and its value. */
  function manyHeaders(count: number): Record<string, string> {
    return Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `x-${String(index).padStart(6, '0')}`,
        'v'.repeat(10),
      ]),
    )
  }
})

test('a long path is said before long headers', () => {
  const both = request({ path: pathOf(3_000), query: '' }, { a: 'v'.repeat(9_000) })

  expect(codeOf(both)).toBe('414 URI_TOO_LONG')
})
