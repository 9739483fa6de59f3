import * as z from 'zod'
import type { Answer, Reply } from '../../lib/smoke/door.ts'
import { answerName, codeIn, reasonToTryAgain } from './client.ts'
import type { Errand } from './errand.ts'
import { debitOf, kindOf } from './kinds.ts'
import type { World } from './world.ts'

/** What an answer says about money, and whether it is one that such an errand can have. */
export type Verdict =
  | { readonly kind: 'done'; readonly movement: Movement; readonly surprise?: string }
  | { readonly kind: 'declined'; readonly name: string; readonly shortfall?: Shortfall }
  /** Nobody knows yet. */
  | { readonly kind: 'open'; readonly reason: string; readonly surprise?: string }
  /** Not done, and for a reason that it cannot have. */
  | { readonly kind: 'refused'; readonly surprise: string }

export type Movement = z.output<typeof movement>
export type Shortfall = z.output<typeof shortfall>

const movement = z.object({
  id: z.string(),
  type: z.string(),
  balances: z.array(
    z.object({
      walletId: z.string(),
      asset: z.string(),
      available: z.int(),
      held: z.int(),
      version: z.int(),
    }),
  ),
  holdId: z.optional(z.string()),
})
/** What there is is said to those who may know it. */
const shortfall = z.object({ available: z.optional(z.int()), required: z.int() })

const CREATED = 201
const NOT_ENOUGH = 'INSUFFICIENT_FUNDS'
const NOT_THERE = { hold: 'HOLD_NOT_FOUND', spend: 'TRANSACTION_NOT_FOUND' } as const

/** `isThere`: whether that exists which the errand is about. */
export function judge(errand: Errand, world: World, reply: Reply, isThere: boolean): Verdict {
  if (reply.kind === 'silence') return { kind: 'open', reason: reply.reason }
  const again = reasonToTryAgain(reply)
  if (again !== undefined) return { kind: 'open', reason: again }
  if (reply.status === CREATED) return judgeDone(errand, reply, isThere)
  return judgeDecline(errand, world, reply, isThere)
}

function judgeDone(errand: Errand, reply: Answer, isThere: boolean): Verdict {
  const { type, declines } = kindOf(errand)
  const { data } = movement.safeParse(reply.json)
  if (data?.type !== type) {
    const surprise = `${saw(reply)} that is no ${type}`
    return { kind: 'open', reason: surprise, surprise }
  }
  const mayBeDone = declines !== 'always' && isThere
  return {
    kind: 'done',
    movement: data,
    ...(!mayBeDone && { surprise: `${saw(reply)} for what cannot be done` }),
  }
}

function judgeDecline(errand: Errand, world: World, reply: Answer, isThere: boolean): Verdict {
  const { about, declines } = kindOf(errand)
  const code = codeIn(reply.json)
  const name = answerName(reply)
  if (about && !isThere && code === NOT_THERE[about]) return { kind: 'declined', name }
  if (isThere && declines !== 'never' && code === NOT_ENOUGH) {
    const { data } = shortfall.safeParse(reply.json)
    const needed = -(debitOf(errand, world)?.available ?? 0)
    if (data?.required === needed) return { kind: 'declined', name, shortfall: data }
    return { kind: 'refused', surprise: `${saw(reply)} that does not say that it needs ${needed}` }
  }
  return { kind: 'refused', surprise: saw(reply) }
}

/** With the id that finds it in the log. */
export function saw(reply: Answer): string {
  const id = reply.headers.get('x-request-id') ?? reply.headers.get('apigw-requestid')
  return `${answerName(reply)}${id === null ? '' : ` (request ${id})`}`
}
