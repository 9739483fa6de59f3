import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { keepLog } from './logs.ts'
import { startRuntimeApi } from './runtime-api.ts'

/** A function that runs as it would on Lambda: a bundle in a process of its own, that knows nothing of this one. */
export interface Lambda {
  /** What it answers to an event; throws where it failed. */
  readonly invoke: (event: unknown) => Promise<unknown>
  /** No more events: tells the process to end, and waits until it has. */
  readonly end: () => Promise<Ended>
}

export interface Ended {
  /** Null for a process that did not end by itself. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface LambdaOptions {
  readonly name: string
  /** The folder with the code, away from this repository: nothing of it may be found by accident. */
  readonly bundle: string
  /** As in `index.handler`. */
  readonly handler: string
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
}

/** What Lambda makes of the function's role. */
export const ROLE_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'ASIATESTTESTTESTTEST',
  AWS_SECRET_ACCESS_KEY: 'not-a-secret-of-anybody',
  AWS_SESSION_TOKEN: 'session-token-of-the-role',
} as const

const RUNTIME = join(import.meta.dirname, 'lambda-runtime.ts')
/** Whoever ends has nothing left to do. */
const END_TIMEOUT_MS = 10_000

export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { name, bundle, timeoutMs } = options
  const api = await startRuntimeApi()
  const home = mkdtempSync(join(tmpdir(), 'strongbox-home-'))
  const child = spawn(process.execPath, [RUNTIME], {
    cwd: bundle,
    env: environmentOf(options, api.address, home),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const exited = once(child, 'close').then(async ([exitCode]): Promise<Ended> => {
    const [stdout, stderr] = await output
    for (const line of stdout.split('\n').filter(Boolean)) keepLog(`${line}\n`)
    return { exitCode, stdout, stderr }
  })
  const died = exited.then(({ exitCode, stderr }) => {
    const why = JSON.stringify(api.initError()) ?? stderr
    throw new Error(`${name} ended with ${exitCode} and an event left: ${why}`)
  })
  // It ends in any case; that is a failure only for who still waits for an answer.
  died.catch(() => {})
  return {
    async invoke(event) {
      const outcome = await Promise.race([api.invoke(event, timeoutMs), died])
      if (outcome.kind === 'answered') return outcome.answer
      throw new Error(`${name} failed: ${JSON.stringify(outcome.error)}`)
    },
    async end() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
      const ended = await exited
      clearTimeout(timer)
      await api.stop()
      rmSync(home, { recursive: true, force: true })
      return ended
    },
  }
}

/** All that the process is told, and nothing that this one was. */
function environmentOf(
  { name, bundle, handler, environment }: LambdaOptions,
  api: string,
  home: string,
) {
  return {
    AWS_LAMBDA_RUNTIME_API: api,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: bundle,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/21/[1]0',
    ...ROLE_CREDENTIALS,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    // There is none on Lambda; here, the SDK would find the developer's own ~/.aws.
    HOME: home,
    ...environment,
  }
}
