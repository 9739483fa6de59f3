import { type Caller, unauthenticated } from '../caller.ts'
import type { HttpRequest } from '../request.ts'

/** The caller whom a request proves to come from; undefined where it does not say, a problem where it lies. */
export type Identify = (request: HttpRequest) => Promise<Caller | undefined>

export interface Credentials {
  /** Of a request with `Authorization: Bearer`. Undefined where no issuer is trusted. */
  readonly byToken?: ((token: string) => Promise<Caller>) | undefined
  /** Of a signed request. Undefined where no keys are kept. */
  readonly bySignature?: ((request: HttpRequest) => Promise<Caller>) | undefined
}

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i

/** Without any credentials configured nobody is known: a deployment starts closed. */
export function createIdentify({ byToken, bySignature }: Credentials): Identify {
  return async (request) => {
    const { authorization, signature, 'signature-input': signatureInput } = request.headers
    const isSigned = signature !== undefined || signatureInput !== undefined
    if (authorization !== undefined && isSigned) {
      throw unauthenticated('Send a bearer token or a signature, and not both.')
    }
    if (isSigned) {
      if (!bySignature) throw unauthenticated('No keys for signatures are configured here.')
      return bySignature(request)
    }
    if (authorization === undefined) return undefined
    const token = BEARER.exec(authorization)?.[1]
    if (!token) throw unauthenticated('Send it as Authorization: Bearer, and the token.')
    if (!byToken) throw unauthenticated('No issuer of tokens is configured here.')
    return byToken(token)
  }
}
