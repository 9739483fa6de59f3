import { type Endpoint, parseEndpoints } from './endpoints.ts'

export type ReadEndpoints = () => Promise<readonly Endpoint[]>

/** Where they cannot be read again, or are broken, those that were read last. */
const LAST_ENDPOINTS_ARE_GOOD_FOR_MS = 900_000

/** Parses what is read only where it is another text than the last time. Reading is for the caller to cache. */
export function endpointsFrom(
  read: () => Promise<string>,
  now: () => number = Date.now,
): ReadEndpoints {
  let last: { readonly text: string; readonly endpoints: readonly Endpoint[] } | undefined
  let readAt = 0
  return async () => {
    try {
      const text = await read()
      if (last?.text !== text) last = { text, endpoints: parseEndpoints(text) }
      readAt = now()
      return last.endpoints
    } catch (error) {
      if (!last || now() - readAt > LAST_ENDPOINTS_ARE_GOOD_FOR_MS) throw error
      return last.endpoints
    }
  }
}
