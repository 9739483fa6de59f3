import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { lambdaContext } from '../../local/lambda-context.ts'
import { eventOf, type Sent } from '../stub/event.ts'
import type { Asked } from '../stub/stub.ts'
import type { Callers } from '../stub/world.ts'
import { type TriedClient, tryClients } from './clients.ts'
import { sharesOf } from './shares.ts'

/**
 * A process in which a function of ours and the bare one take turns. It is as Lambda's is: loaded from bundles, with
 * its log going nowhere but out.
 */

export type ToRunner =
  | {
      readonly kind: 'load'
      readonly bundle: string
      readonly sent: Sent
      readonly callers: Callers
    }
  /** One call of ours, so that somebody can see what it asks for. */
  | { readonly kind: 'call' }
  | { readonly kind: 'load-bare'; readonly bundle: string; readonly requests: readonly Asked[] }
  | { readonly kind: 'measure'; readonly calls: number }
  /** What a client of the SDK costs, and what each of some changes to it saves. */
  | { readonly kind: 'try-clients'; readonly requests: readonly Asked[] }
  /** Where our time goes. */
  | { readonly kind: 'profile'; readonly calls: number }

export type FromRunner =
  | { readonly kind: 'ready' }
  | { readonly kind: 'measured'; readonly ours: Block; readonly bare: Block }
  | { readonly kind: 'tried'; readonly clients: readonly TriedClient[] }
  | { readonly kind: 'profiled'; readonly shares: Readonly<Record<string, number>> }

/** Of one call, on average. */
export interface Block {
  readonly cpuUs: number
  readonly wallUs: number
}

type Handler = (event: object, context: object) => Promise<{ statusCode: number }>

/** Until the compiler has nothing more to do. */
const WARM_UP_CALLS = 1_500
const TIMEOUT_MS = 28_000
const PROFILE_INTERVAL_US = 200

let ours: Handler
let bare: Handler
let sent: Sent
let callers: Callers
let isBareFirst = false

process.on('message', async (message: ToRunner) => {
  const answer: FromRunner = await answerTo(message)
  process.send?.(answer)
})

async function answerTo(message: ToRunner): Promise<FromRunner> {
  switch (message.kind) {
    case 'load':
      ;({ sent, callers } = message)
      ours = await load(message.bundle)
      await run(ours, WARM_UP_CALLS)
      return { kind: 'ready' }
    case 'call':
      await run(ours, 1)
      return { kind: 'ready' }
    case 'load-bare':
      process.env['BARE_REQUESTS'] = JSON.stringify(message.requests)
      bare = await load(message.bundle)
      await run(bare, WARM_UP_CALLS)
      return { kind: 'ready' }
    case 'measure':
      return { kind: 'measured', ...(await takeTurns(message.calls)) }
    case 'try-clients':
      return { kind: 'tried', clients: await tryClients(message.requests) }
    case 'profile':
      return { kind: 'profiled', shares: await profile(message.calls) }
  }
}

async function load(bundle: string): Promise<Handler> {
  const { handler } = await import(pathToFileURL(join(bundle, 'index.mjs')).href)
  return handler
}

/** Whoever is first after a pause has it harder, so each is first every other time. */
async function takeTurns(calls: number) {
  isBareFirst = !isBareFirst
  const first = await run(isBareFirst ? bare : ours, calls)
  const second = await run(isBareFirst ? ours : bare, calls)
  return isBareFirst ? { ours: second, bare: first } : { ours: first, bare: second }
}

async function run(handler: Handler, calls: number): Promise<Block> {
  const prepared = Array.from({ length: calls }, () => ({
    event: eventOf(sent, callers),
    context: lambdaContext('strongbox', TIMEOUT_MS),
  }))
  const startedAt = performance.now()
  const before = process.cpuUsage()
  for (const { event, context } of prepared) {
    const { statusCode } = await handler(event, context)
    if (statusCode >= 300) throw new Error(`answered ${statusCode}`)
  }
  const { user, system } = process.cpuUsage(before)
  const wallUs = (performance.now() - startedAt) * 1000
  return { cpuUs: (user + system) / calls, wallUs: wallUs / calls }
}

async function profile(calls: number): Promise<Record<string, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_US })
  await session.post('Profiler.start')
  await run(ours, calls)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return sharesOf(profile)
}
