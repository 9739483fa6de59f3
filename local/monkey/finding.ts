/** Something that is wrong, in words that say where to look. */
export interface Finding {
  readonly where: string
  readonly expected: string
  readonly found: string
}

/** One thing that is looked at. */
export interface Check {
  readonly name: string
  readonly outcome: 'right' | 'wrong' | 'not checked'
  /** What was looked at, or why not. */
  readonly words: string
  readonly findings: readonly Finding[]
}

export function checked(name: string, words: string, findings: readonly Finding[]): Check {
  return { name, words, findings, outcome: findings.length === 0 ? 'right' : 'wrong' }
}

export function notChecked(name: string, why: string): Check {
  return { name, words: why, findings: [], outcome: 'not checked' }
}
