import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { startRuntimeApi } from '../../test/support/runtime-api.ts'

export type Environment = Readonly<Record<string, string>>

const LOAD = join(import.meta.dirname, 'load.mjs')
const FIRST_ANSWER_TIMEOUT_MS = 60_000

const loaded = z.strictObject({ wallMs: z.number(), cpuMs: z.number() })
export type Loaded = z.output<typeof loaded>

const answered = z.object({ statusCode: z.number() })

/** In a process of its own, which has just begun. */
export async function load(file: string, env: Environment): Promise<Loaded> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD, file], { env: { ...env } })
  return loaded.parse(JSON.parse(stdout))
}

export interface Start {
  /** Carries events to the function and answers back, as Lambda's own does. */
  readonly runtime: string
  readonly bundle: string
  readonly event: object
  readonly env: Environment
}

/** From nothing to the first answer, in milliseconds. */
export async function startToAnswer({ runtime, bundle, event, env }: Start): Promise<number> {
  const api = await startRuntimeApi()
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(runtime, 'index.mjs')], {
    env: {
      ...env,
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: bundle,
      _HANDLER: 'index.handler',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  const died = exited.then(() => {
    throw new Error(`no answer: ${JSON.stringify(api.initError())}`)
  })
  died.catch(() => {})
  try {
    const outcome = await Promise.race([api.invoke(event, FIRST_ANSWER_TIMEOUT_MS), died])
    const tookMs = performance.now() - startedAt
    const { success, data } = answered.safeParse(outcome.kind === 'answered' && outcome.answer)
    if (!success || data.statusCode >= 300) throw new Error(JSON.stringify(outcome))
    return tookMs
  } finally {
    child.kill('SIGTERM')
    await exited
    await api.stop()
  }
}
