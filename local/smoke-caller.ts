import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Credentials } from '../lib/smoke/door.ts'
import { readKeptKey } from '../lib/smoke/kept-key.ts'
import { StartFailure } from './failure.ts'

export const CALLER_OPTIONS = {
  url: { type: 'string' },
  credentials: { type: 'string' },
  'token-file': { type: 'string' },
  'key-file': { type: 'string' },
  'key-id': { type: 'string' },
} as const

type CallerOptions = { readonly [Name in keyof typeof CALLER_OPTIONS]?: string | undefined }

const WAYS = ['credentials', 'token-file', 'key-file', 'key-id'] as const
const DEV_CREDENTIALS = join('.local', 'dev-credentials.json')
const PRINTABLE = /^[\x21-\x7e]+$/

const devCredentials = z.object({ baseUrl: z.url(), adminToken: z.string() })

/** Whom it calls, and as who. */
export function readCaller(options: CallerOptions): { url: string; credentials: Credentials } {
  const given = WAYS.filter((way) => options[way] !== undefined)
  if (given.length > 1) {
    throw new StartFailure(`Say one of ${given.map((way) => `--${way}`).join(', ')}.`)
  }
  const [way] = given
  if (way === undefined || way === 'credentials') return withDevCredentials(options)
  if (options.url === undefined) throw new StartFailure(`Where is it? Say --url.`)
  return { url: toUrl(options.url), credentials: readCredentials(way, options[way] ?? '') }
}

/** Those of this machine are sent to somewhere else only where somebody says so. */
function withDevCredentials({ url, credentials: file }: CallerOptions) {
  const { baseUrl, adminToken } = readDevCredentials(file ?? DEV_CREDENTIALS)
  const isElsewhere = url !== undefined && toUrl(url) !== toUrl(baseUrl)
  if (isElsewhere && file === undefined) {
    throw new StartFailure(
      `As who? Say --token-file, --key-file, --key-id or --credentials: those in ${DEV_CREDENTIALS} are for ${baseUrl}.`,
    )
  }
  const credentials: Credentials = { kind: 'token', token: adminToken }
  return { url: toUrl(url ?? baseUrl), credentials }
}

function readDevCredentials(file: string): z.output<typeof devCredentials> {
  try {
    return devCredentials.parse(JSON.parse(read(file)))
  } catch (error) {
    if (error instanceof StartFailure) throw error
    throw new StartFailure(`${file} is not what \`npm start\` writes.`)
  }
}

function readCredentials(way: 'token-file' | 'key-file' | 'key-id', value: string): Credentials {
  if (way === 'token-file') {
    // The files for curl hold a header.
    const token = read(value)
      .replace(/^Authorization: Bearer /i, '')
      .trim()
    if (!PRINTABLE.test(token)) throw new StartFailure(`There is no token in ${value}.`)
    return { kind: 'token', token, usagePlanKey: usagePlanKey() }
  }
  const text = way === 'key-file' ? read(value) : keyOfEnvironment(value)
  const where = way === 'key-file' ? value : 'STRONGBOX_KEY_SECRET'
  try {
    const key = readKeptKey(text)
    if (key)
      return { kind: 'key', key: { ...key, usagePlanKey: usagePlanKey() ?? key.usagePlanKey } }
  } catch {
    // Said below.
  }
  throw new StartFailure(
    `There is no key in ${where}: \`npm run keys -- --help\` says how to make one.`,
  )
}

/** Not an argument: those can be seen by everybody on the machine, and stay in the shell's history. */
function keyOfEnvironment(id: string): string {
  return JSON.stringify({ id, secret: process.env['STRONGBOX_KEY_SECRET'] })
}

/** Of the REST edge with a usage plan, whoever calls. */
function usagePlanKey(): string | undefined {
  return process.env['STRONGBOX_USAGE_PLAN_KEY'] || undefined
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const hint = file === DEV_CREDENTIALS ? ' `npm start` writes it.' : ''
    throw new StartFailure(`${file} cannot be read.${hint}`)
  }
}

function toUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return text.replace(/\/+$/, '')
  throw new StartFailure(`"${text}" is no URL such as https://wallet.example.com.`)
}
