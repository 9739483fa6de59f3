import * as z from 'zod/mini'
import type { Answer } from './door.ts'

/** What a walk looks at in answers. That the rest of them is as documented is for other tests to say. */

const balance = z.object({ available: z.int(), held: z.int(), version: z.int() })
const movement = z.object({
  id: z.string(),
  type: z.string(),
  // A movement of the walk touches its own wallet and no other.
  balances: z.tuple([balance]),
})
const shortfall = z.object({ code: z.string(), available: z.int(), required: z.int() })
const entries = z.object({
  items: z.array(
    z.object({
      version: z.int(),
      type: z.string(),
      availableDelta: z.int(),
      heldDelta: z.int(),
      transactionId: z.string(),
    }),
  ),
})
const holds = z.object({
  items: z.array(z.object({ id: z.string(), asset: z.string(), state: z.string() })),
})

export const readBalance = reader(balance, (found) => found)
export const readMovement = reader(movement, ({ type, balances: [after] }) => ({ type, ...after }))
export const readShortfall = reader(shortfall, (found) => found)
export const readEntries = reader(entries, ({ items }) => items)
export const readHolds = reader(holds, ({ items }) => items)
export const readCode = reader(z.object({ code: z.string() }), (found) => found)
export const readActive = reader(z.object({ active: z.boolean() }), (found) => found)
export const readStatus = reader(z.object({ status: z.string() }), (found) => found)
export const readChain = reader(z.object({ ok: z.boolean(), entries: z.int() }), (found) => found)

/** Of an answer that may not be there; what is made of it is then asked by nobody. */
export function idIn(answer: Answer | undefined, name: 'id' | 'holdId'): string {
  const { data } = z.object({ [name]: z.string() }).safeParse(answer?.json)
  return data?.[name] ?? ''
}

function reader<Read, Made>(schema: z.ZodMiniType<Read>, make: (read: Read) => Made) {
  return ({ json }: Answer): Made | undefined => {
    const { success, data } = schema.safeParse(json)
    return success ? make(data) : undefined
  }
}
