import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** `npm start` in a process of its own, as it is for whoever uses it, and keeping nothing. */
export interface RunningStack extends Address {
  readonly stop: () => Promise<void>
}

export interface Address {
  readonly url: string
  /** Of somebody who may do everything. */
  readonly token: string
  readonly endpoint: string
  readonly tableName: string
}

const PROCESS = join(import.meta.dirname, 'stack-process.ts')

export async function startStackProcess(): Promise<RunningStack> {
  const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the stack ended with ${code}`)
  })
  exited.catch(() => {})
  const [address]: Address[] = await Promise.race([once(child, 'message'), exited])
  if (!address) throw new Error('the stack did not say where it is')
  return {
    ...address,
    async stop() {
      child.disconnect()
      await exited.catch(() => {})
    },
  }
}
