import { type BareItem, type InnerList, serializeDictionary } from 'structured-headers'
import {
  contentDigest,
  hmac,
  mustBeCovered,
  type SignedRequest,
  signatureBase,
  toSigningSecret,
} from '../http/auth/signature.ts'

export interface SigningKey {
  readonly id: string
  /** In base64. */
  readonly secret: string
}

const LABEL = 'sig'

/** The headers of a request and those that sign it: RFC 9421, with all that the other side asks for. */
export function sign(
  request: SignedRequest,
  { id, secret }: SigningKey,
  createdSeconds: number,
): Record<string, string> {
  const { body } = request
  const digest = body.byteLength > 0 && { 'content-digest': contentDigest(body) }
  const headers = { ...request.headers, ...digest }
  const covered = mustBeCovered({ ...request, headers })
  const parameters = new Map<string, BareItem>([
    ['created', createdSeconds],
    ['keyid', id],
  ])
  const input: InnerList = [covered.map((name) => [name, new Map()]), parameters]
  const signature = hmac(toSigningSecret(secret), signatureBase({ ...request, headers }, input))
  return {
    ...headers,
    'signature-input': serializeDictionary(new Map([[LABEL, input]])),
    signature: serializeDictionary(new Map([[LABEL, [signature, new Map()]]])),
  }
}
