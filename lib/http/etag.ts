import { createHash } from 'node:crypto'
import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import type { ApiEvent } from './request.ts'
import { trailOf } from './trail.ts'

const OK = 200
const NOT_MODIFIED = 304

/** Says which state of a thing this is, and 304 to a caller who has it already. */
export function etag(isTagged: (event: ApiEvent) => boolean): MiddlewareObj<ApiEvent, ApiResponse> {
  return {
    after: ({ event, context, response }) => {
      if (!response || response.statusCode !== OK || !isTagged(event)) return
      const tag = `"${createHash('sha256').update(response.body).digest('base64url')}"`
      response.headers['etag'] = tag
      // Kept by the client alone, and shown only after asking us whether it still holds.
      response.headers['cache-control'] = 'private, no-cache'
      if (hasTag(trailOf(context, event).request.headers['if-none-match'], tag)) {
        response.statusCode = NOT_MODIFIED
        response.body = ''
        delete response.headers['content-type']
      }
    },
  }
}

function hasTag(ifNoneMatch: string | undefined, tag: string): boolean {
  const known = (ifNoneMatch ?? '')
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
  return known.includes(tag) || known.includes('*')
}
