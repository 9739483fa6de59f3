import { randomInt } from 'node:crypto'
import type { Credentials } from '../../lib/smoke/door.ts'
import { StartFailure } from '../failure.ts'
import { CALLER_OPTIONS, readCaller } from '../smoke-caller.ts'
import { type Mix, readMix, USUAL_MIX } from './mix.ts'
import { grouped } from './words.ts'

export const MONKEY_OPTIONS = {
  ...CALLER_OPTIONS,
  requests: { type: 'string' },
  seconds: { type: 'string' },
  minutes: { type: 'string' },
  'at-once': { type: 'string', default: '100' },
  wallets: { type: 'string', default: '50' },
  mix: { type: 'string' },
  seed: { type: 'string' },
  timeout: { type: 'string', default: '15' },
  wait: { type: 'string', default: '60' },
  yes: { type: 'boolean', default: false },
} as const

/** What was typed, understood. */
export interface Choices {
  readonly url: string
  readonly credentials: Credentials
  /** How many, or for how long. */
  readonly requests: number | undefined
  readonly forMs: number | undefined
  readonly atOnce: number
  readonly wallets: number
  readonly mix: Mix
  readonly seed: number
  /** For one answer. */
  readonly timeoutMs: number
  /** In the end: for what was not answered, and then for the audit. */
  readonly waitMs: number
}

type Words = {
  readonly [Name in Exclude<keyof typeof MONKEY_OPTIONS, 'yes'>]?: string | undefined
}

const MOST_REQUESTS = 1_000_000
const USUAL_REQUESTS = '1000'
const LONGEST_SECONDS = 36_000
const MOST_AT_ONCE = 1_000
const MOST_WALLETS = 5_000
const MOST_SEED = 2_147_483_647
const LONGEST_TIMEOUT_SECONDS = 30
const LONGEST_WAIT_SECONDS = 3_600
const MS_PER_SECOND = 1_000
const SECONDS_PER_MINUTE = 60
const HERE =
  /^(?:localhost|127(?:\.\d+){3}|\[::1\]|.+\.localhost|.+\.localhost\.localstack\.cloud)$/

export function readChoices({ yes, ...words }: Words & { readonly yes?: boolean }): Choices {
  const choices = {
    ...readLength(words),
    atOnce: readWhole('at-once', words['at-once'], 1, MOST_AT_ONCE),
    // Some of what it does needs two.
    wallets: readWhole('wallets', words.wallets, 2, MOST_WALLETS),
    mix: words.mix === undefined ? USUAL_MIX : readMix(words.mix),
    seed:
      words.seed === undefined ? randomInt(MOST_SEED) : readWhole('seed', words.seed, 0, MOST_SEED),
    timeoutMs: readWhole('timeout', words.timeout, 1, LONGEST_TIMEOUT_SECONDS) * MS_PER_SECOND,
    waitMs: readWhole('wait', words.wait, 1, LONGEST_WAIT_SECONDS) * MS_PER_SECOND,
    ...readCaller(words),
  }
  if (isHere(choices.url) || yes === true) return choices
  throw new StartFailure(
    `${choices.url} is not on this machine. A load costs there what it costs, and the wallets and assets that it makes stay
for ever. If that is what you want, say --yes.`,
  )
}

/** LocalStack included: what is spoiled there is spoiled for nobody else. */
export function isHere(url: string): boolean {
  return HERE.test(URL.parse(url)?.hostname ?? '')
}

function readLength(words: Words): Pick<Choices, 'requests' | 'forMs'> {
  const { requests, seconds, minutes } = words
  const given = Object.entries({ requests, seconds, minutes }).filter(
    ([, text]) => text !== undefined,
  )
  if (given.length > 1) {
    throw new StartFailure(`Say one of ${given.map(([name]) => `--${name}`).join(', ')}.`)
  }
  if (seconds !== undefined) return { requests: undefined, forMs: readTime('seconds', seconds, 1) }
  if (minutes !== undefined) {
    return { requests: undefined, forMs: readTime('minutes', minutes, SECONDS_PER_MINUTE) }
  }
  const number = readWhole('requests', requests ?? USUAL_REQUESTS, 1, MOST_REQUESTS)
  return { requests: number, forMs: undefined }
}

function readWhole(option: string, text = '', least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new StartFailure(
    `--${option}: "${text}" is no whole number from ${grouped(least)} to ${grouped(most)}.`,
  )
}

function readTime(option: string, text: string, unitSeconds: number): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text) * unitSeconds
  if (seconds > 0 && seconds <= LONGEST_SECONDS) return seconds * MS_PER_SECOND
  const most = grouped(LONGEST_SECONDS / unitSeconds)
  throw new StartFailure(`--${option}: "${text}" is no number above 0, up to ${most}.`)
}
