import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FromRunner, ToRunner } from './runner.ts'

export interface Runner {
  readonly ask: <Kind extends FromRunner['kind']>(
    message: ToRunner,
    kind: Kind,
  ) => Promise<Extract<FromRunner, { kind: Kind }>>
  readonly stop: () => Promise<void>
}

const RUNNER = join(import.meta.dirname, 'runner.ts')

export function startRunner(environment: Readonly<Record<string, string>>): Runner {
  const child = fork(RUNNER, {
    env: { ...environment },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the runner ended with ${code}`)
  })
  exited.catch(() => {})
  return {
    async ask(message, kind) {
      const answered = once(child, 'message')
      child.send(message)
      const [answer]: FromRunner[] = await Promise.race([answered, exited])
      if (!isOf(answer, kind)) throw new Error(`not ${kind}: ${answer?.kind}`)
      return answer
    },
    async stop() {
      child.disconnect()
      await exited.catch(() => {})
    },
  }
}

function isOf<Kind extends FromRunner['kind']>(
  answer: FromRunner | undefined,
  kind: Kind,
): answer is Extract<FromRunner, { kind: Kind }> {
  return answer?.kind === kind
}
