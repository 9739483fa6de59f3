import { gzipSync } from 'node:zlib'
import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import { type ApiEvent, isRest } from './request.ts'
import { trailOf } from './trail.ts'

const OK = 200
/** Less than this travels in one packet anyway. */
const WORTH_IT_BYTES = 1_400
const GZIP_ACCEPTED = /(?:^|,)\s*gzip\s*(?:$|,|;\s*q=(?:1|0\.\d*[1-9]))/i
const MAX_KEPT = 16

/**
 * For functions that give the same few answers for as long as they live: each is compressed once, and kept. Behind an
 * HTTP API only, which compresses nothing; a REST API compresses by itself, and takes no bytes from a function.
 */
export function gzip(): MiddlewareObj<ApiEvent, ApiResponse> {
  const kept = new Map<string, string>()

  function compressed(body: string): string {
    const known = kept.get(body)
    if (known !== undefined) return known
    const fresh = gzipSync(body).toString('base64')
    if (kept.size < MAX_KEPT) kept.set(body, fresh)
    return fresh
  }

  return {
    after: ({ event, context, response }) => {
      if (response?.statusCode !== OK || response.body.length < WORTH_IT_BYTES) return
      // In this spelling, because the CORS middleware adds to it.
      response.headers['Vary'] = 'Accept-Encoding'
      const accepted = trailOf(context, event).request.headers['accept-encoding'] ?? ''
      if (isRest(event) || !GZIP_ACCEPTED.test(accepted)) return
      response.body = compressed(response.body)
      response.isBase64Encoded = true
      response.headers['content-encoding'] = 'gzip'
    },
  }
}
