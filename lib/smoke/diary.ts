import type { Answer, Door, DoorRequest } from './door.ts'
import { type Expectation, judge, type Verdict } from './judge.ts'

export interface Step {
  readonly name: string
  readonly outcome: 'ok' | 'failed' | 'skipped'
  readonly expected: string
  readonly seen: string
  readonly ms: number
}

/** One request, and what has to come back. */
export interface Ask extends Expectation {
  readonly request: DoorRequest
  /** Of several in one step, what this one looks at. */
  readonly about?: string
}

/** What came of an ask; the answer, where there is one. */
export interface Told extends Verdict {
  readonly answer?: Answer | undefined
}

/**
 * A link is tried only while all links before it have held. What stands alone says nothing about the others, and what
 * comes afterwards is tried whatever became of them.
 */
export type StepKind = 'link' | 'alone' | 'afterwards'

export interface Diary {
  readonly steps: readonly Step[]
  readonly isBroken: () => boolean
  /** The answer; nothing, where there was none or the step was not tried. */
  readonly step: (
    name: string,
    work: () => Promise<Told>,
    kind?: StepKind,
  ) => Promise<Answer | undefined>
}

export function openDiary(onStep: (step: Step) => void): Diary {
  const steps: Step[] = []
  let brokenBy: string | undefined
  const write = (step: Step) => {
    steps.push(step)
    onStep(step)
  }
  return {
    steps,
    isBroken: () => brokenBy !== undefined,
    async step(name, work, kind = 'link') {
      if (brokenBy !== undefined && kind !== 'afterwards') {
        const seen = `not tried, because "${brokenBy}" failed`
        write({ name, outcome: 'skipped', expected: '', seen, ms: 0 })
        return undefined
      }
      const startedAt = performance.now()
      const { isAsExpected, expected, seen, answer } = await work()
      const ms = Math.round(performance.now() - startedAt)
      write({ name, outcome: isAsExpected ? 'ok' : 'failed', expected, seen, ms })
      if (!isAsExpected && kind === 'link') brokenBy = name
      return answer
    },
  }
}

/** One after the other, up to the first that is not answered as expected. Its words count, or else those of the first. */
export async function tell(door: Door, first: Ask, ...others: readonly Ask[]): Promise<Told> {
  const told = await tellOne(door, first)
  if (!told.isAsExpected) return told
  for (const ask of others) {
    const other = await tellOne(door, ask)
    if (!other.isAsExpected) return { ...other, answer: told.answer }
  }
  return told
}

async function tellOne(door: Door, { request, about, ...expectation }: Ask): Promise<Told> {
  const reply = await door.send(request)
  const { isAsExpected, expected, seen } = judge(reply, expectation)
  const topic = about === undefined ? '' : `${about}: `
  return {
    isAsExpected,
    expected: `${topic}${expected}`,
    seen: `${topic}${seen}`,
    answer: reply.kind === 'answer' ? reply : undefined,
  }
}
