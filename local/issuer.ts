import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { SCOPES } from '../lib/http/caller.ts'
import { keepFile } from './keep-file.ts'

/** A studio's OIDC issuer, as small as it can be: it signs tokens, and it publishes the key they are checked with. */
export interface Issuer {
  readonly issueToken: (request: TokenRequest) => Promise<string>
}

export interface RunningIssuer extends Issuer {
  readonly jwksUri: string
  readonly stop: () => Promise<void>
}

export interface TokenRequest {
  readonly subject: string
  readonly audience: string
  readonly scope?: string
  /** Counted from now, as in `2h`; in the past, as in `-1s`, for a token that has expired. */
  readonly expiresIn: string
}

/** Nobody looks it up: what is trusted is the key, and its address is a setting. */
export const ISSUER = 'https://issuer.strongbox.localhost'
export const PLAYER_AUDIENCE = 'strongbox'
export const OPERATOR_AUDIENCE = 'strongbox-operators'

const ALGORITHM = 'ES256'
const DEV_TOKEN_LIFE = '30d'

export async function openIssuer(keyFile: string): Promise<Issuer & { readonly publicJwk: JWK }> {
  const text = await keepFile(keyFile, async () => {
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
    return JSON.stringify({ ...(await exportJWK(privateKey)), kid: crypto.randomUUID() })
  })
  const { d: _, ...publicJwk }: JWK = JSON.parse(text)
  const key = await importJWK(JSON.parse(text), ALGORITHM)
  return {
    publicJwk: { ...publicJwk, alg: ALGORITHM, use: 'sig' },
    issueToken: ({ subject, audience, scope, expiresIn }) =>
      new SignJWT(scope === undefined ? {} : { scope })
        .setProtectedHeader({ alg: ALGORITHM, kid: publicJwk.kid ?? '' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(expiresIn)
        .sign(key),
  }
}

/** The same, with its public key to be fetched, as functions do when they are deployed. */
export async function startIssuer(keyFile: string): Promise<RunningIssuer> {
  const { publicJwk, issueToken } = await openIssuer(keyFile)
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/jwk-set+json')
    response.end(JSON.stringify({ keys: [publicJwk] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the issuer has no address')
  return {
    issueToken,
    jwksUri: `http://127.0.0.1:${address.port}/jwks.json`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export function playerToken({ issueToken }: Issuer, walletId: string, expiresIn = DEV_TOKEN_LIFE) {
  return issueToken({ subject: walletId, audience: PLAYER_AUDIENCE, expiresIn })
}

export function operatorToken(
  { issueToken }: Issuer,
  subject: string,
  scopes: readonly string[] = SCOPES,
  expiresIn = DEV_TOKEN_LIFE,
) {
  return issueToken({
    subject,
    audience: OPERATOR_AUDIENCE,
    scope: scopes.join(' '),
    expiresIn,
  })
}
