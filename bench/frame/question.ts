import type { Target } from './target.ts'

/**
 * A question that `npm run bench` answers by measuring. To ask another: a folder bench/<name>/ with a file that exports
 * one, a line in bench/questions.ts, and a place `<!-- bench: <name> -->` … `<!-- /bench -->` in docs/performance.md.
 * What the frame has for it:
 *
 *   target.ts      atMost(…), atLeast(…): what is wanted, compared with what was measured
 *   spread.ts      spreadOf(samples): median and quartiles; spreadText(…) for a cell of a table
 *   number.ts      numberText(…): so many digits as say something
 *
 * What takes long to load, as the CDK does, is imported in `run`: `--help` need not wait for it.
 */
export interface Question {
  /** In `--only`, and the name of its place in the document. */
  readonly name: string
  readonly question: string
  /** Leaves nothing behind, also where it fails. All questions together take less than ten minutes on two cores. */
  readonly run: (onProgress: OnProgress) => Promise<Answer>
}

/** How many steps of how many are done, whatever a step is. */
export type OnProgress = (done: number, of: number) => void

export interface Answer {
  /** Also those that were missed. */
  readonly targets: readonly Target[]
  readonly tables: readonly Table[]
  readonly pictures?: readonly Picture[]
  /** How to read it, where that must be known; each a paragraph. */
  readonly remarks?: readonly string[]
  /** Others than docs/performance.md, as they are to be. */
  readonly documents?: readonly DocumentFile[]
}

export interface DocumentFile {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

export interface Table {
  readonly title: string
  readonly headers: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Written as docs/performance/<name>.svg. */
export interface Picture {
  readonly name: string
  readonly title: string
  readonly svg: string
}
