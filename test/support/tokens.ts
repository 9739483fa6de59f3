import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ISSUER, OPERATOR_AUDIENCE, PLAYER_AUDIENCE } from '../../local/issuer.ts'
import type { Stack } from '../../local/stack.ts'

/** Tokens that no issuer would make, written by hand: a library that makes tokens would refuse to. */

type Claims = Readonly<Record<string, unknown>>
type Header = Readonly<Record<string, unknown>>
/** Undefined for a token without its third part. */
type Signer = (input: string) => Buffer

export const ALL_SCOPES = 'wallet:read wallet:credit wallet:debit wallet:reverse wallet:admin ops'

export function encodeToken(header: Header, claims: Claims, signer: Signer): string {
  const input = [header, claims].map((part) => base64url(JSON.stringify(part))).join('.')
  return `${input}.${signer(input).toString('base64url')}`
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

export function es256(key: KeyObject): Signer {
  return (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}

export function hs256(secret: string | Buffer): Signer {
  return (input) => createHmac('sha256', secret).update(input).digest()
}

/** What `alg: none` asks for. */
export function unsigned(): Buffer {
  return Buffer.alloc(0)
}

/** The key of the embedded issuer, both halves of it. */
export interface IssuerKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function issuerKeyOf({ apiKeysFile }: Stack): IssuerKey {
  const jwk = JSON.parse(readFileSync(join(dirname(apiKeysFile), 'issuer-key.json'), 'utf8'))
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  return { kid: jwk.kid, privateKey, publicKey: createPublicKey(privateKey) }
}

/** Somebody else's. */
export function otherKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** Everything that a token for the house says, and it says that its owner may do everything. */
export function operatorClaims(): Claims {
  return { ...claims(), aud: OPERATOR_AUDIENCE, sub: 'mallory', scope: ALL_SCOPES }
}

export function playerClaims(walletId: string): Claims {
  return { ...claims(), aud: PLAYER_AUDIENCE, sub: walletId }
}

function claims(): Claims {
  const now = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, iat: now, exp: now + 3_600 }
}
