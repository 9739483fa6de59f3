import type { Told } from './diary.ts'
import type { Door } from './door.ts'
import { judge } from './judge.ts'
import { readBalance, readHolds } from './read.ts'
import type { Requests, Walker } from './requests.ts'

export interface TidyOptions extends Pick<Walker, 'asset'> {
  readonly closes: boolean
}

/** After a walk that broke off: gives back and takes out what is left, as far as that can be done. What happened stays. */
export async function tidyUp(
  door: Door,
  requests: Requests,
  { asset, closes }: TidyOptions,
): Promise<Told> {
  const listed = await door.send(requests.holds)
  const holds = (listed.kind === 'answer' && readHolds(listed)) || []
  const open = holds.filter((hold) => hold.state === 'OPEN' && hold.asset === asset)
  for (const { id } of open) await door.send(requests.void(id, `void-${id}`))
  const before = await door.send(requests.balance)
  const left = before.kind === 'answer' ? (readBalance(before)?.available ?? 0) : 0
  if (left > 0) await door.send(requests.spend(left, 'tidy'))
  const last = await door.send(requests.balance)
  const isEmpty = { facts: { available: 0, held: 0 }, status: 200, read: readBalance }
  const verdict = judge(last, isEmpty)
  if (closes && verdict.isAsExpected) await door.send(requests.close('tidy-close'))
  return verdict
}
