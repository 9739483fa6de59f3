import type { Access } from '../caller.ts'
import type { Json } from './json-schema.ts'

/** The two ways in which a caller can prove who it is. Each request uses one of them. */
export const SECURITY_SCHEMES = {
  bearerAuth: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `For players and for people of the house: a token of the issuer that this deployment trusts, signed with
RS256 or ES256, with \`sub\` and \`exp\`. The \`sub\` of a player is the id of their own wallet; a player needs no scopes,
and gets nowhere else. An operator's token has another audience, and its scopes in \`scope\`, with blanks between.`,
  },
  httpSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description: `For servers: HTTP Message Signatures (RFC 9421) with \`hmac-sha256\`. OpenAPI has no words for these,
so it is said here. Send \`Signature-Input\` and \`Signature\`, under one label, and for a body also
\`Content-Digest\` (RFC 9530) with \`sha-256\`. The signature covers \`"@method"\` and \`"@path"\`; \`"@query"\` when
there is a query; \`"content-digest"\` when there is a body; \`"idempotency-key"\` when that header is sent. Its
parameters are \`created\`, which may be 300 seconds off, and \`keyid\`; \`expires\` and \`alg\` may be there, too.

    "@method": POST
    "@path": /v1/wallets/alice/spend
    "content-digest": sha-256=:…:
    "idempotency-key": sword-of-dawn-1
    "@signature-params": ("@method" "@path" "content-digest" "idempotency-key");created=1795240800;keyid="game-server"

Sign these bytes, as you send them, with the secret of the key, and send the result as \`Signature: sig=:…:\`. A
signature that does not fit is answered with the text that was expected to be signed, in \`signatureBase\`.`,
  },
}

export function securityOf(access: Access): readonly Json[] {
  if (access.kind === 'public') return []
  return Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }))
}

/** Who may do it, for people. */
export function accessSentence(access: Access): string {
  switch (access.kind) {
    case 'public':
      return 'Anybody may call this, without credentials.'
    case 'any-caller':
      return 'Every known caller may call this; it needs no scope.'
    case 'scopes': {
      const scopes = access.scopes.map((scope) => `\`${scope}\``).join(' and ')
      return access.own
        ? `Needs the scope ${scopes}; a player may do it on their own wallet.`
        : `Needs the scope ${scopes}.`
    }
  }
}

/** The same, for machines. */
export function accessFields(access: Access): Json {
  if (access.kind === 'public') return {}
  const isScoped = access.kind === 'scopes'
  return {
    'x-required-scopes': isScoped ? access.scopes : [],
    'x-players': isScoped ? (access.own ? 'own-wallet' : 'none') : 'all',
  }
}
