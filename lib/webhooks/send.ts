import type { ClientRequest, IncomingMessage } from 'node:http'
import * as https from 'node:https'
import { lookupPublic, mayBePublic, NOT_PUBLIC } from './public-address.ts'

export interface Parcel {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SendOptions {
  /** From the first look at the name to the end of the answer. */
  readonly timeoutMs: number
  /** Whether only public addresses are sent to. */
  readonly isPublicOnly: boolean
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined
}

export type Sent =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string }

/** Nobody reads an answer; a short one is heard to its end, so that its sender sees no broken connection. */
const MAX_ANSWER_BYTES = 64 * 1024

/** One POST. Redirects are answers like any other: nothing is sent to where they point. */
export async function send(parcel: Parcel, options: SendOptions): Promise<Sent> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout
  try {
    const response = await answerTo(await open(parcel, options.isPublicOnly, signal), parcel.body)
    await drain(response)
    const { statusCode = 0, headers } = response
    return { kind: 'answered', status: statusCode, retryAfter: headers['retry-after'] }
  } catch (error) {
    const reason = timeout.aborted ? `no answer within ${options.timeoutMs} ms` : nameOf(error)
    return { kind: 'failed', reason }
  }
}

async function open(
  parcel: Parcel,
  isPublicOnly: boolean,
  signal: AbortSignal,
): Promise<ClientRequest> {
  const url = new URL(parcel.url)
  if (isPublicOnly && !mayBePublic(url)) throw Object.assign(new Error(), { code: NOT_PUBLIC })
  // As a module, `node:http` brings all of `fetch` along, which takes long to load: deployed, nobody needs it.
  const { request } = url.protocol === 'https:' ? https : await import('node:http')
  return request(url, {
    method: 'POST',
    headers: { ...parcel.headers, 'content-length': Buffer.byteLength(parcel.body) },
    // A connection of its own. One that was kept may be closed by the other side just when it is used again, most
    // of all by a function that was asleep meanwhile.
    agent: false,
    signal,
    ...(isPublicOnly && { lookup: lookupPublic }),
  })
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

/** What comes after the status changes nothing any more, even if it is never finished. */
async function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0
  try {
    for await (const chunk of response) {
      bytes += Buffer.byteLength(chunk)
      if (bytes > MAX_ANSWER_BYTES) break
    }
  } catch {
    response.destroy()
  }
}

/** A code at most: the words of an error can quote the URL, and people put secrets into URLs. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
