import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { JWK } from 'jose'
import type { RawItem } from '../meter/item-costs.ts'

/** All of AWS and an issuer, in a process of their own, so that what they do is in nobody's CPU time. */
export interface Stub {
  readonly endpoint: string
  /** What DynamoDB was asked since the last time. */
  readonly take: () => Promise<readonly Asked[]>
  readonly stop: () => Promise<void>
}

/** A request, as it was on the wire. */
export interface Asked {
  readonly operation: string
  readonly input: unknown
}

/** What there is to be asked for. It never changes: what is written is thanked for, and forgotten. */
export interface Contents {
  readonly items: readonly RawItem[]
  readonly secrets: Readonly<Record<string, string>>
  readonly jwk: JWK
}

export type ToStub = { readonly contents: Contents } | 'take' | 'end'
export type FromStub = { readonly port: number } | { readonly asked: readonly Asked[] }

const PROCESS = join(import.meta.dirname, 'process.ts')

export async function startStub(contents: Contents): Promise<Stub> {
  const child = fork(PROCESS, { serialization: 'advanced' })
  const exited = once(child, 'exit')
  const ask = async (message: ToStub): Promise<FromStub> => {
    const answered = once(child, 'message')
    child.send(message)
    const [answer] = await Promise.race([answered, exited.then(ended)])
    return answer
  }
  const started = await ask({ contents })
  if (!('port' in started)) throw new Error('the stub has no address')
  return {
    endpoint: `http://127.0.0.1:${started.port}`,
    async take() {
      const answer = await ask('take')
      return 'asked' in answer ? answer.asked : []
    },
    async stop() {
      child.send('end')
      await exited
    },
  }
}

function ended(): never {
  throw new Error('the stub has ended')
}
