import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { JWK } from 'jose'
import { StartFailure } from '../failure.ts'
import { ISSUER_KEYS, LOCALSTACK_CLIENT } from './place.ts'

/** Puts the public key of an issuer where the functions look for it. */
export async function publishIssuerKey(
  publicJwk: JWK,
  client: { readonly endpoint: string } = LOCALSTACK_CLIENT,
): Promise<void> {
  const s3 = new S3Client({ ...LOCALSTACK_CLIENT, ...client, forcePathStyle: true })
  const { bucket, object } = ISSUER_KEYS
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: object,
      Body: JSON.stringify({ keys: [publicJwk] }),
      ContentType: 'application/json',
    }),
  )
}

/** From here as from a function: by its name, and by https, with a certificate that is trusted. */
export async function requireIssuerKeys(): Promise<void> {
  const { url } = ISSUER_KEYS
  const answer = await fetch(url).catch((error: unknown) => {
    throw new StartFailure(`${url} cannot be read: ${adviceAbout(error)}`)
  })
  if (!answer.ok) throw new StartFailure(`${url} answered ${answer.status}.`)
}

export function adviceAbout(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return 'the name server does not say that it is 127.0.0.1. Some do not, to protect this machine: ask another, or put the name into your hosts file.'
  }
  if (/CERT|SELF_SIGNED/.test(code)) {
    return `LocalStack has no certificate that is trusted (${code}). It fetches one when it starts: start it again with a network.`
  }
  return code
}
