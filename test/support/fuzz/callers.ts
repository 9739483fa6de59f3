import fc from 'fast-check'
import type { DevCredentials } from '../../../local/credentials.ts'
import { change, type RawRequest, sign } from '../sign.ts'

/** Who sends a request. Credentials are new in each run, so here is only what is done with them. */
export type CallerPlan =
  | { readonly kind: 'operator' | 'alice' | 'server' | 'nobody' }
  | { readonly kind: 'spoilt-token' | 'spoilt-signature'; readonly at: number; readonly to: string }
  | { readonly kind: 'as-it-is' }

const CHARACTERS = Array.from('ABab01-_=.~ ,:"')

export const operator: CallerPlan = { kind: 'operator' }

export const knownCaller: fc.Arbitrary<CallerPlan> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(operator) },
  { weight: 2, arbitrary: fc.constant({ kind: 'server' } as const) },
)

/** None of these is anybody. */
export const unknownCaller: fc.Arbitrary<CallerPlan> = fc.oneof(
  fc.constant({ kind: 'nobody' } as const),
  fc.record({
    kind: fc.constantFrom('spoilt-token', 'spoilt-signature'),
    at: fc.nat({ max: 10_000 }),
    to: fc.constantFrom(...CHARACTERS),
  }),
)

export async function withCaller(
  request: RawRequest,
  plan: CallerPlan,
  { adminToken, players, hmac }: DevCredentials,
): Promise<RawRequest> {
  switch (plan.kind) {
    case 'as-it-is':
    case 'nobody':
      return request
    case 'operator':
      return withToken(request, adminToken)
    case 'alice':
      return withToken(request, players.alice)
    case 'server':
      return isSignable(request) ? sign(request, hmac) : withToken(request, adminToken)
    case 'spoilt-token':
      return withToken(request, spoilt(adminToken, plan))
    case 'spoilt-signature': {
      if (!isSignable(request)) return request
      const signed = await sign(request, hmac)
      const bytes = /^sig=:(.*):$/.exec(String(signed.headers['signature']))?.[1] ?? ''
      return change(signed, { headers: { signature: `sig=:${spoilt(bytes, plan)}:` } })
    }
  }
}

function withToken(request: RawRequest, token: string): RawRequest {
  return change(request, { headers: { authorization: `Bearer ${token}` } })
}

/** One character is another one. Not one of the last, of which some bits mean nothing. */
function spoilt(text: string, { at, to }: { readonly at: number; readonly to: string }): string {
  const index = at % (text.length - 4)
  const other = text[index] === to ? 'C' : to
  return text.slice(0, index) + other + text.slice(index + 1)
}

/** The package that signs goes by a URL, and a URL can be another text than the target of a request. */
function isSignable({ target }: RawRequest): boolean {
  const url = URL.parse(`http://localhost${target}`)
  return url !== null && `${url.pathname}${url.search}` === target
}
