import { setTimeout as sleep } from 'node:timers/promises'

type Ask = () => Promise<Response>

/** Elsewhere, each request that is under way may have a machine of its own, which has to be started first. */
const MOST_AT_ONCE = 4
const TOO_MANY_REQUESTS = 429
const MOST_TRIES = 30

let free = MOST_AT_ONCE
const waiting: (() => void)[] = []

/** As a guest asks: not everything at once, and again when told to, because what was refused for that was not done. */
export async function politely(ask: Ask): Promise<Response> {
  await comeIn()
  try {
    return await untilServed(ask)
  } finally {
    leave()
  }
}

async function comeIn(): Promise<void> {
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
}

/** Who waits longest gets the place. */
function leave(): void {
  const next = waiting.shift()
  if (next) next()
  else free += 1
}

async function untilServed(ask: Ask): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask()
    if (answer.status !== TOO_MANY_REQUESTS || tries === MOST_TRIES) return answer
    await answer.arrayBuffer()
    await sleep(Number(answer.headers.get('retry-after')) * 1_000)
  }
}
