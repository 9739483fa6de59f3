/** Something that must never be. */
export interface Breach {
  /** Which check found it. */
  readonly check: string
  readonly text: string
  /** What it is about, to be looked for in the trace. */
  readonly about?: string
}
