import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** `npm start` in a process of its own, as it is for whoever uses it, and keeping nothing. */
export interface RunningStack extends Address {
  /** Settles when the audit has seen all. */
  readonly idle: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Address {
  readonly url: string
  /** Of somebody who may do everything. */
  readonly token: string
  readonly endpoint: string
  readonly tableName: string
}

export type ToStack = 'idle'
export type FromStack = ({ readonly kind: 'started' } & Address) | { readonly kind: 'is-idle' }

const PROCESS = join(import.meta.dirname, 'stack-process.ts')

export async function startStackProcess(): Promise<RunningStack> {
  const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the stack ended with ${code}`)
  })
  exited.catch(() => {})
  const heard = async (): Promise<FromStack | undefined> => {
    const [message]: FromStack[] = await Promise.race([once(child, 'message'), exited])
    return message
  }
  const started = await heard()
  if (started?.kind !== 'started') throw new Error('the stack did not start')
  return {
    ...started,
    async idle() {
      const idle = heard()
      const message: ToStack = 'idle'
      child.send(message)
      await idle
    },
    async stop() {
      child.disconnect()
      await exited.catch(() => {})
    },
  }
}
