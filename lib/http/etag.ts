import { createHash } from 'node:crypto'
import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import { invalidRequest } from './problem.ts'
import type { ApiEvent } from './request.ts'
import { trailOf } from './trail.ts'

const OK = 200
const NOT_MODIFIED = 304

/** Says which state of a thing this is, and 304 to a caller who has it already. */
export function etag(isTagged: (event: ApiEvent) => boolean): MiddlewareObj<ApiEvent, ApiResponse> {
  return {
    after: ({ event, context, response }) => {
      if (!response || response.statusCode !== OK || !isTagged(event)) return
      const tag = response.headers['etag'] ?? `"${digestOf(response.body)}"`
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

/**
 * The ETag of a wallet begins with the version of its metadata: `PUT` compares that part only, so that money which moves
 * does not fail a change of metadata.
 */
export function walletTag(metadataVersion: number, body: unknown): string {
  return `"${metadataVersion}.${digestOf(JSON.stringify(body))}"`
}

/** The version in the `ETag` of a wallet, or `*`. */
export function readIfMatch(header: string | undefined): number | '*' | undefined {
  if (header === undefined) return undefined
  const value = header.trim()
  if (value === '*') return value
  const version = /^"(\d{1,15})\.[\w-]{43}"$/.exec(value)?.[1]
  if (version === undefined) {
    throw invalidRequest([{ path: 'If-Match', message: 'must be the ETag of a wallet, or *' }])
  }
  return Number(version)
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('base64url')
}

function hasTag(ifNoneMatch: string | undefined, tag: string): boolean {
  const known = (ifNoneMatch ?? '')
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
  return known.includes(tag) || known.includes('*')
}
