import type { Door } from './load.ts'

/** What the audit has put aside. Nothing that happens here is a reason to. */
export async function findDeadLetters({ url, token }: Door): Promise<readonly string[]> {
  const answer = await fetch(`${url}/v1/ops/dead-letters`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await answer.text()
  const { items }: { items: unknown[] } = JSON.parse(text)
  return items.length === 0 ? [] : [`dead letters: ${text}`]
}
