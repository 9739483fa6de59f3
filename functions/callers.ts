import { createIdentify, type Identify } from '../lib/http/auth/identify.ts'
import { keysOfIssuer } from '../lib/http/auth/issuer-keys.ts'
import { createSignatureIdentify } from '../lib/http/auth/signature.ts'
import { createTokenIdentify } from '../lib/http/auth/token.ts'
import { apiKeysFromFile, apiKeysFromSecret } from './api-keys.ts'
import { optional, setting } from './settings.ts'

/** By the credentials that are configured; by none, where none are. */
export function identifyFromEnvironment(): Identify {
  return createIdentify({ byToken: tokenIdentify(), bySignature: signatureIdentify() })
}

function tokenIdentify() {
  const issuer = optional('JWT_ISSUER')
  if (!issuer) return undefined
  return createTokenIdentify({
    issuer,
    audience: setting('JWT_AUDIENCE'),
    operatorAudience: optional('JWT_OPERATOR_AUDIENCE'),
    playerClaim: optional('JWT_PLAYER_CLAIM'),
    keys: keysOfIssuer(setting('JWT_JWKS_URI')),
  })
}

function signatureIdentify() {
  const [file, secret] = [optional('API_KEYS_FILE'), optional('API_KEYS_SECRET')]
  if (file) return createSignatureIdentify({ readKeys: apiKeysFromFile(file), now: Date.now })
  if (secret) return createSignatureIdentify({ readKeys: apiKeysFromSecret(secret), now: Date.now })
  return undefined
}
