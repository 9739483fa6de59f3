import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Door, DoorRequest, Reply } from '../../lib/smoke/door.ts'

/** What came of a request, however often it had to be sent. */
export interface Told {
  /** The last one. */
  readonly reply: Reply
  /** When it was first sent, when it was last sent, and when the last answer came. */
  readonly firstSentAt: number
  readonly sentAt: number
  readonly receivedAt: number
  /** Whether no other try of it can still be on its way. */
  readonly isSure: boolean
}

export interface Client {
  readonly send: (request: DoorRequest, about: string) => Promise<Told>
}

interface ClientWatch {
  /** Before each try. */
  readonly onSend: () => void
  /** After each try. */
  readonly onReply: (reply: Reply, ms: number, about: string) => void
  /** Where another try follows. */
  readonly onRetry: (reason: string) => void
}

export interface Patience {
  readonly tries: number
  /** Of the first pause; each one after it is up to twice as long. */
  readonly pauseMs: number
  readonly longestPauseMs: number
}

const PATIENCE: Patience = { tries: 10, pauseMs: 50, longestPauseMs: 5_000 }

/** Nothing was decided, or nobody knows what was: the same key may be sent again, and has to be. */
const TRIED_AGAIN = new Set([429, 500, 502, 503, 504])
/** Of those, the ones that say that nothing was done. */
const REFUSED_AT_ONCE = 429

/** A client as it should be: the same key again, after as long as it was asked to wait, and not for ever. */
export function openClient(door: Door, watch: ClientWatch, patience: Patience = PATIENCE): Client {
  return {
    async send(request, about) {
      const firstSentAt = performance.now()
      let isSure = true
      for (let tries = 1; ; tries += 1) {
        const sentAt = performance.now()
        watch.onSend()
        const reply = await door.send(request)
        const receivedAt = performance.now()
        watch.onReply(reply, receivedAt - sentAt, about)
        const reason = reasonToTryAgain(reply)
        if (reason === undefined || tries >= patience.tries) {
          return { reply, firstSentAt, sentAt, receivedAt, isSure }
        }
        if (reply.kind === 'silence' || reply.status !== REFUSED_AT_ONCE) isSure = false
        watch.onRetry(reason)
        await sleep(pauseMs(reply, tries, patience))
      }
    },
  }
}

/** Undefined where the answer is one to keep. */
export function reasonToTryAgain(reply: Reply): string | undefined {
  if (reply.kind === 'silence') return reply.reason
  return TRIED_AGAIN.has(reply.status) ? answerName(reply) : undefined
}

/** As it is counted: its status, and its code where it has one. */
export function answerName({ status, json }: Answer): string {
  const code = codeIn(json)
  return code === undefined ? String(status) : `${status} ${code}`
}

export function codeIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('code' in json)) return undefined
  return typeof json.code === 'string' ? json.code : undefined
}

function pauseMs(
  reply: Reply,
  tries: number,
  { pauseMs: first, longestPauseMs }: Patience,
): number {
  const asked = reply.kind === 'answer' ? Number(reply.headers.get('retry-after')) * 1_000 : 0
  const backoff = Math.random() * Math.min(longestPauseMs, first * 2 ** tries)
  // Not all at the same moment, where many were told the same.
  return Number.isFinite(asked) && asked > 0
    ? Math.min(asked, longestPauseMs) + backoff / 2
    : backoff
}
