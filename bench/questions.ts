import { coldStart } from './cold-start/cold-start.ts'
import { contention } from './contention/contention.ts'
import { cpu } from './cpu/cpu.ts'
import { endToEnd } from './end-to-end/end-to-end.ts'
import type { Question } from './frame/question.ts'
import { growth } from './growth/growth.ts'
import { scaling } from './scaling/scaling.ts'
import { units } from './units/units.ts'

/** In the order in which they are asked, and stand in docs/performance.md. What each is: frame/question.ts. */
export const QUESTIONS: readonly Question[] = [
  units,
  cpu,
  coldStart,
  endToEnd,
  contention,
  growth,
  scaling,
]
