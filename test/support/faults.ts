import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Effects } from '../../lib/ledger/effects.ts'

/** What happens to the next transactions on their way to DynamoDB and back. */
export type Fault = 'lost-before' | 'lost-after' | 'conflict' | 'throttled'

/** A client whose transactions meet the faults, one each, and then pass. */
export function faultyClient(
  client: DynamoDBClient,
  faults: readonly Fault[],
): Pick<DynamoDBClient, 'send'> {
  const pending = [...faults]
  return new Proxy(client, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return async (command: TransactWriteItemsCommand) => {
        const fault = command instanceof TransactWriteItemsCommand ? pending.shift() : undefined
        if (fault === undefined) return target.send(command)
        if (fault === 'lost-after') await target.send(command)
        throw faultError(fault, command)
      }
    },
  })
}

function faultError(fault: Fault, { input }: TransactWriteItemsCommand): Error {
  switch (fault) {
    case 'lost-before':
    case 'lost-after':
      return named('TimeoutError', 'no answer came')
    case 'throttled':
      return named('ThrottlingException', 'slow down')
    case 'conflict':
      return new TransactionCanceledException({
        $metadata: {},
        message: 'another transaction runs on this item',
        CancellationReasons: (input.TransactItems ?? []).map((_, index) => ({
          Code: index === 1 ? 'TransactionConflict' : 'None',
        })),
      })
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

/** Effects whose time passes only by sleeping, so that a test of minutes takes none. */
export function virtualEffects(startMs: number): Effects & { readonly slept: number[] } {
  let now = startMs
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += Math.ceil(ms)
    },
    random: () => 0.5,
  }
}
