import { inspect } from 'node:util'
import { runInThisContext } from 'node:vm'

/** Fails in many ways, and writes what their stacks are: bundled and run by readable-stacks.test.ts. */

class Purse {
  readonly amount: number

  constructor(amount: number) {
    if (amount < 0) throw new RangeError('less than nothing')
    this.amount = amount
  }

  async spend(amount: number): Promise<Purse> {
    await undefined
    return emptied(this, amount)
  }
}

function emptied({ amount }: Purse, by: number): Purse {
  const [rest = 0] = [by].map((one) => amount - one)
  return new Purse(rest)
}

function open(): Purse {
  return new Purse(-1)
}

async function spendAll(): Promise<unknown> {
  return await Promise.all([new Purse(1).spend(2)])
}

function withCause(): string {
  try {
    return String(open())
  } catch (cause) {
    return inspect(new Error('nothing was opened', { cause }))
  }
}

function notAnError(): unknown {
  const thing: { stack?: unknown } = {}
  Error.captureStackTrace(thing)
  return thing.stack
}

const WAYS: Readonly<Record<string, () => unknown>> = {
  open,
  spendAll,
  withCause,
  notAnError,
  ofNode: () => Buffer.alloc(-1),
  elsewhere: () => runInThisContext('[1].map((one) => one.of.nothing)', { filename: 'elsewhere' }),
}

const stacks: Record<string, unknown> = {}
for (const [name, fail] of Object.entries(WAYS)) {
  try {
    stacks[name] = await fail()
  } catch (error) {
    stacks[name] = error instanceof Error ? error.stack : 'no error'
  }
}
process.stdout.write(JSON.stringify(stacks))
