import type { Json } from './json-schema.ts'

/** What answers carry beside their bodies, as components. */
export const HEADERS = {
  RequestId: {
    description: 'Names this request in our logs. Quote it when you ask us about it.',
    required: true,
    schema: { type: 'string', minLength: 1 },
    example: '6b1f0f0e-5d0b-4b0e-9d2c-0c1f7d6f3a11',
  },
  RateLimit: {
    description:
      'What is left to this caller of this kind of request: `r` now, and all of it in `t` seconds.',
    required: true,
    schema: { type: 'string', pattern: '^"(write|read|costly)";r=\\d+;t=\\d+$' },
    example: '"write";r=999;t=1',
  },
  RateLimitPolicy: {
    description:
      'How much that is when nothing was used: `q` requests, full again after `w` seconds.',
    required: true,
    schema: { type: 'string', pattern: '^"(write|read|costly)";q=\\d+;w=\\d+$' },
    example: '"write";q=1000;w=5',
  },
  IdempotencyReplayed: {
    description: 'There, and `true`, when this answer was given before and nothing was done again.',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
  ETag: {
    description: 'Names this state, for `If-None-Match`; that of a wallet also for `If-Match`.',
    required: true,
    schema: { type: 'string', pattern: '^"(\\d+\\.)?[\\w-]{43}"$' },
    example: '"X2G1dQ3uS8Q0mYk0yV3p8mJm8b1o6bJ4eA0i2l5Zt7c"',
  },
  RetryAfter: {
    description: 'Seconds to wait before the same request is sent again.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
  WwwAuthenticate: {
    description: 'There with `UNAUTHENTICATED`: how to say who is calling.',
    schema: { type: 'string' },
    example: 'Bearer',
  },
}

export type HeaderName = keyof typeof HEADERS

const WIRE_NAMES: Readonly<Record<HeaderName, string>> = {
  RequestId: 'X-Request-Id',
  RateLimit: 'RateLimit',
  RateLimitPolicy: 'RateLimit-Policy',
  IdempotencyReplayed: 'Idempotency-Replayed',
  ETag: 'ETag',
  RetryAfter: 'Retry-After',
  WwwAuthenticate: 'WWW-Authenticate',
}

export function headersNamed(names: readonly HeaderName[]): Json {
  return Object.fromEntries(
    names.map((name) => [WIRE_NAMES[name], { $ref: `#/components/headers/${name}` }]),
  )
}
