import { isDeepStrictEqual } from 'node:util'

/** Of transactions that were sent with a token: which are running, and which were committed in the last 10 minutes. */
export interface Tokens {
  readonly look: (token: Token) => 'new' | 'running' | 'committed' | 'other'
  readonly begin: (token: Token) => void
  /** Of a transaction that did nothing, nothing is remembered. */
  readonly end: (token: Token, isCommitted: boolean) => void
}

export interface Token {
  readonly text: string
  /** What was sent with it; not needed of a token that the client made for this one request. */
  readonly input: object | undefined
}

const VALID_US = 10 * 60 * 1_000_000

export function createTokens(nowUs: () => number): Tokens {
  const running = new Map<string, Token>()
  /** In the order in which they end. */
  const committed = new Map<string, { readonly token: Token; readonly untilUs: number }>()

  function forgetOld(): void {
    for (const [text, { untilUs }] of committed) {
      if (untilUs > nowUs()) return
      committed.delete(text)
    }
  }

  return {
    look(token) {
      forgetOld()
      const isRunning = running.get(token.text)
      const earlier = isRunning ?? committed.get(token.text)?.token
      if (!earlier) return 'new'
      if (!isDeepStrictEqual(earlier.input, token.input)) return 'other'
      return isRunning ? 'running' : 'committed'
    },
    begin(token) {
      running.set(token.text, token)
    },
    end(token, isCommitted) {
      running.delete(token.text)
      if (isCommitted) committed.set(token.text, { token, untilUs: nowUs() + VALID_US })
    },
  }
}
