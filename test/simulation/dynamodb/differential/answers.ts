import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb'

/** What a database said, in a form that can be compared. */
export interface Told {
  readonly error?: string
  readonly message?: string
  readonly reasons?: readonly CancellationReason[]
  readonly output?: unknown
}

export async function told(answer: Promise<object>, isOrdered: boolean): Promise<Told> {
  try {
    const { $metadata, ...output } = Object.assign({ $metadata: undefined }, await answer)
    return { output: comparable(output, isOrdered) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Nothing of the simulator itself: that would be a bug, or a thing that it does not know.
    if (!('$metadata' in error)) throw error
    return {
      error: error.name,
      message: error.message,
      ...(error instanceof TransactionCanceledException && {
        reasons: (error.CancellationReasons ?? []).map(({ Code, Message, Item }) => ({
          ...(Code && { Code }),
          ...(Message && { Message }),
          ...(Item && { Item: { ...Item } }),
        })),
      }),
      ...('Item' in error && { output: comparable(error.Item, true) }),
    }
  }
}

/** Attributes by name, sets in order, bytes as texts; and lists of items, where their order says nothing. */
export function comparable(value: unknown, isOrdered: boolean): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) {
    const members = value.map((member) => comparable(member, isOrdered))
    return isOrdered ? members : sorted(members)
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    members.map(([name, member]) => {
      const isSet = name === 'SS' || name === 'NS' || name === 'BS'
      return [name, comparable(member, isOrdered && !isSet)]
    }),
  )
}

function sorted(members: unknown[]): unknown[] {
  return members.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
