import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'

/** A key that its issuer took back is good for so much longer, for a token that was here before. */
const KEPT_FOR_MS = 60_000
const MAX_KEPT = 1_000

type Verify = (token: string) => Promise<JWTPayload>

interface Verified {
  readonly claims: JWTPayload
  readonly at: number
}

/**
 * A game sends the same token with each request, and to verify a signature takes longer than all else that is done
 * here. So what was found good is good for another minute, unless it expires. Tokens themselves are not kept.
 */
export function rememberVerified(verify: Verify): Verify {
  const known = new Map<string, Verified>()
  return async (token) => {
    const name = hash('sha256', token, 'base64')
    const found = known.get(name)
    if (found && isStillGood(found)) return found.claims
    const claims = await verify(token)
    known.delete(name)
    known.set(name, { claims, at: Date.now() })
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KEPT) break
      known.delete(oldest)
    }
    return claims
  }
}

function isStillGood({ claims: { exp = 0 }, at }: Verified): boolean {
  const now = Date.now()
  return now - at < KEPT_FOR_MS && Math.floor(now / 1000) < exp
}
