import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { isWalletId } from '../../money/account.ts'
import { invariant } from '../../money/invariant.ts'
import { type Caller, isScope, unauthenticated } from '../caller.ts'
import { Problem } from '../problem.ts'
import { rememberVerified } from './verified-tokens.ts'

export interface TokenOptions {
  readonly issuer: string
  /** Tokens for players. */
  readonly audience: string
  /** The claim that says which wallet a player owns: `sub`, unless the issuer's subjects cannot be wallets. */
  readonly playerClaim?: string | undefined
  /** Tokens for people of the house, with scopes. A player's token never has any, whatever it claims. */
  readonly operatorAudience?: string | undefined
  readonly keys: JWTVerifyGetKey
}

/** Asymmetric only: a public key must never be worth anything as the secret of an HMAC. */
const ALGORITHMS = ['RS256', 'ES256']
const OPERATOR_PATTERN = /^[\x20-\x7e]{1,63}$/

/** Who a token stands for. What it may do is decided elsewhere. */
export function createTokenIdentify(options: TokenOptions) {
  const { issuer, audience, operatorAudience, playerClaim = 'sub', keys } = options
  invariant(audience !== operatorAudience, 'players and operators have audiences of their own')
  const verify = rememberVerified((token) => verified(token, issuer, keys))
  return async (token: string): Promise<Caller> => {
    const claims = await verify(token)
    const audiences = audiencesOf(claims)
    if (operatorAudience !== undefined && audiences.includes(operatorAudience)) {
      return operator(claims)
    }
    if (audiences.includes(audience)) return player(claims, playerClaim)
    throw unauthenticated('The token is for another audience.')
  }
}

async function verified(token: string, issuer: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
    })
    return payload
  } catch (error) {
    if (error instanceof Problem) throw error
    const isExpired = error instanceof errors.JWTExpired
    throw unauthenticated(
      isExpired ? 'The token has expired.' : 'The token is not one that we trust.',
      error,
    )
  }
}

/** Access tokens of some issuers name the client and no audience; API Gateway reads them the same way. */
function audiencesOf({ aud, client_id: clientId }: JWTPayload): readonly unknown[] {
  return [aud ?? clientId].flat()
}

function player(claims: JWTPayload, claim: string): Caller {
  const wallet = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (typeof wallet !== 'string' || !isWalletId(wallet))
    throw unauthenticated(`What the token says in ${claim} cannot be a wallet.`)
  return { kind: 'player', client: `player:${wallet}`, scopes: new Set(), ownWallet: wallet }
}

function operator({ sub, scope }: JWTPayload): Caller {
  if (typeof sub !== 'string' || !OPERATOR_PATTERN.test(sub)) {
    throw unauthenticated('The subject of the token must be 1 to 63 ASCII characters.')
  }
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(isScope) : []
  return { kind: 'operator', client: `operator:${sub}`, scopes: new Set(scopes) }
}
