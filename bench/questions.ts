import type { Question } from './frame/question.ts'

/** In the order in which they are asked, and stand in docs/performance.md. What each is: frame/question.ts. */
export const QUESTIONS: readonly Question[] = []
