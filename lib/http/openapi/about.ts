import { CALLER_RATES, type CallerKind, type RateClass } from '../rates.ts'
import { MAX_HEADERS_BYTES, MAX_TARGET_BYTES } from '../sizes.ts'

/** What has to be said once, before any operation. */
export const ABOUT = `
A wallet for games and loyalty programmes. It holds coins, gems and points, and never loses, doubles or invents one.

## Money is whole numbers

An amount is an integer of the asset's smallest unit: \`"amount": 250\`. A fraction, a text, zero, a negative
number, or more than 9007199254740991 is \`400 INVALID_REQUEST\`, and so is a number in another spelling, such as
\`250.0\` or \`2.5e2\`. Where an asset has a \`scale\`, it is for displays: 250 at scale 2 is shown as 2.50.

A movement of money is a **transaction** of **postings**. Each posting takes from one account what it gives to
another, so nothing comes from nowhere: what a player buys comes from \`@treasury\`, what a player spends goes there.

## Send it again, it happens once

Every request that moves money has an \`Idempotency-Key\`. If you do not know what became of a request, send it
again with the same key: the answer is the first one, with \`Idempotency-Replayed: true\`, and nothing happens twice.
Keys belong to the caller who used them; those of movements never expire. The same key with another request is
\`422 IDEMPOTENCY_KEY_REUSED\`. A request that was declined leaves nothing behind, and its key stays free.

## Who is calling

- **Players** send \`Authorization: Bearer\` with a token of the studio's issuer, and get at their own wallet.
- **People of the house** do the same with a token for operators, which has scopes.
- **Servers** sign each request with a secret: HTTP Message Signatures, RFC 9421.

Each operation says what it needs: \`x-required-scopes\` all of these scopes, \`x-players\` whether a player may.

## When something is wrong

Every error is a problem (RFC 9457) with a \`code\` for programs and a \`detail\` for people. Each operation lists all
of its codes. What is not an operation answers \`404 NOT_FOUND\`, and \`405 METHOD_NOT_ALLOWED\` with an \`Allow\` header
where the path is known and the method is not. Quote the \`X-Request-Id\`, which every answer has, when you ask about one.

\`503 WALLET_BUSY\` and \`429 RATE_LIMITED\` say in \`Retry-After\` when to come again, with the same key.

## Limits

A path with its query has up to ${MAX_TARGET_BYTES} bytes, all headers ${MAX_HEADERS_BYTES}, a body 32 KB and 8 levels. A
body is UTF-8, and names no field twice and none that is not documented: what we do not understand, we refuse.

\`x-rate\` says which requests count together. One caller has so many a second, and so many at once:

${ratesTable()}

## Lists

A page has \`items\`, newest first, and \`nextCursor\`: send it as \`cursor\`, with everything else as it was. It is null
on the last page. A page can be short and yet not be the last.

## Reading again

Answers with an \`ETag\` can be asked for with \`If-None-Match\`, and are then empty while nothing has changed. Reads give
what was there a moment ago, or with \`consistent=true\` what was written last.
`.trim()

function ratesTable(): string {
  const classes: RateClass[] = ['write', 'read', 'costly']
  const rows = (Object.keys(CALLER_RATES) as CallerKind[]).map((kind) => {
    const cells = classes.map((name) => {
      const { perSecond, burst } = CALLER_RATES[kind][name]
      return `${perSecond} / ${burst}`
    })
    return `| ${[kind, ...cells].join(' | ')} |`
  })
  return [`| | ${classes.join(' | ')} |`, '|---|---|---|---|', ...rows].join('\n')
}
