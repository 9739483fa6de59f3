/** The smallest list that was found to fail still. */
export interface Shrunk<Part> {
  readonly parts: readonly Part[]
  readonly tries: number
  /** Not one part of it can be left out, or be simpler. False: the budget was spent before that was known. */
  readonly isMinimal: boolean
}

export interface ShrinkOptions<Part> {
  /** One key for two parts exactly if it makes no difference which of them there is: no list is tried twice. */
  readonly keyOf: (part: Part) => string
  readonly budgetTries: number
  readonly budgetMs: number
  readonly now: () => number
  /** What might do in its place, the simplest first. */
  readonly simpler?: (part: Part) => readonly Part[]
  /** Of each list that was found to fail, each smaller or simpler than the one before; the whole one is first. */
  readonly onProgress?: (found: readonly Part[], tries: number) => void
}

/** Must tell the same of the same list each time. */
export type Fails<Part> = (parts: readonly Part[]) => Promise<boolean>

/**
 * Delta debugging (ddmin): leaves out half of the list, a quarter, ... one part, and keeps each list that fails still.
 * What is left of a list without a chunk is all that it tries: a chunk alone is what is left in the end, if it will do.
 *
 * Why not fast-check: it shrinks what its own arbitraries made, one value at a time, and stops at a time only, not at a
 * number of tries.
 */
export async function shrink<Part>(
  parts: readonly Part[],
  fails: Fails<Part>,
  { keyOf, budgetTries, budgetMs, now, simpler = () => [], onProgress }: ShrinkOptions<Part>,
): Promise<Shrunk<Part>> {
  const endMs = now() + budgetMs
  const tried = new Set<string>()
  let smallest = parts
  let isSpent = false

  /** Takes the list, if it fails. One that was tried before either did not, or was larger or less simple. */
  async function take(list: readonly Part[]): Promise<boolean> {
    const key = JSON.stringify(list.map(keyOf))
    if (tried.has(key)) return false
    isSpent ||= tried.size >= budgetTries || now() >= endMs
    if (isSpent) return false
    tried.add(key)
    if (!(await fails(list))) return false
    smallest = list
    onProgress?.(list, tried.size)
    return true
  }

  /** From the end, because nothing after the failure matters. */
  async function leaveOut(size: number): Promise<boolean> {
    let isShorter = false
    for (let end = smallest.length; end > 0; end -= size) {
      const rest = smallest.toSpliced(Math.max(0, end - size), Math.min(size, end))
      if (await take(rest)) isShorter = true
    }
    return isShorter
  }

  async function simplify(): Promise<boolean> {
    let isSimpler = false
    for (let place = 0; place < smallest.length; place += 1) {
      while (await takeSimpler(place)) isSimpler = true
    }
    return isSimpler
  }

  async function takeSimpler(place: number): Promise<boolean> {
    const others = smallest.slice(place, place + 1).flatMap((part) => simpler(part))
    for (const other of others) {
      if (await take(smallest.with(place, other))) return true
    }
    return false
  }

  if (!(await take(parts))) throw new Error('it does not fail as it is')
  for (let size = half(parts.length); size > 1; size = half(size)) await leaveOut(size)
  do {
    // Without one part, another may be needed no longer.
    while (await leaveOut(1));
  } while (await simplify())
  return { parts: smallest, tries: tried.size, isMinimal: !isSpent }
}

function half(size: number): number {
  return Math.ceil(size / 2)
}
