import { createHmac } from 'node:crypto'
import { secretBytes } from './endpoints.ts'

export interface Unsigned {
  readonly id: string
  readonly sentAt: number
  readonly body: string
}

/**
 * By the Standard Webhooks specification; under the older names of its headers, too, which receivers made for Svix
 * look for. While secrets rotate there is a signature by each, and the receiver needs to know just one.
 */
export function signedHeaders(
  { id, sentAt, body }: Unsigned,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(sentAt / 1000))
  const content = `${id}.${timestamp}.${body}`
  const signature = secrets.map((secret) => `v1,${hmac(secret, content)}`).join(' ')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': signature,
  }
}

function hmac(secret: string, content: string): string {
  return createHmac('sha256', secretBytes(secret)).update(content).digest('base64')
}
