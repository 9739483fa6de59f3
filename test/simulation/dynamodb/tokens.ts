import { isDeepStrictEqual } from 'node:util'

/** Of transactions that were sent with a token: which are running, and which were committed in the last 10 minutes. */
export interface Tokens {
  /** The one that the code under test has given; the client's own goes with its request. */
  readonly named: (text: string) => Token
  readonly look: (token: Token, sent: object) => 'new' | 'running' | 'committed' | 'other'
  readonly begin: (token: Token, sent: object) => void
  /** Of a transaction that did nothing, nothing is remembered. */
  readonly end: (token: Token, isCommitted: boolean) => void
}

export interface Token {
  /** What was sent with it first. */
  sent: object
  isRunning: boolean
  committedUntilUs: number
}

const VALID_US = 10 * 60 * 1_000_000
const NOTHING = {}

export function newToken(): Token {
  return { sent: NOTHING, isRunning: false, committedUntilUs: 0 }
}

export function createTokens(nowUs: () => number): Tokens {
  /** In the order in which they came. */
  const known = new Map<string, Token>()
  const isForgotten = ({ isRunning, committedUntilUs }: Token) =>
    !isRunning && committedUntilUs <= nowUs()

  function forgetOld(): void {
    for (const [text, token] of known) {
      if (!isForgotten(token)) return
      known.delete(text)
    }
  }

  return {
    named(text) {
      forgetOld()
      const token = known.get(text) ?? newToken()
      known.set(text, token)
      return token
    },
    look(token, sent) {
      if (isForgotten(token)) return 'new'
      if (token.sent !== sent && !isDeepStrictEqual(token.sent, sent)) return 'other'
      return token.isRunning ? 'running' : 'committed'
    },
    begin(token, sent) {
      token.sent = sent
      token.isRunning = true
    },
    end(token, isCommitted) {
      token.isRunning = false
      token.committedUntilUs = isCommitted ? nowUs() + VALID_US : 0
    },
  }
}
