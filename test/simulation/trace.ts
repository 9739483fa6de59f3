import { createHash } from 'node:crypto'

/** What happened, in order. Two runs of one seed have one digest, or something in them is not of the seed. */
export interface Trace {
  readonly add: (line: string) => void
  readonly digest: () => string
  /** The newest lines, oldest first, for whoever wants to know how it came to this. */
  readonly recent: () => readonly string[]
}

const KEPT_LINES = 2_000

export function createTrace(keptLines = KEPT_LINES): Trace {
  const hash = createHash('sha256')
  let older: string[] = []
  let newest: string[] = []

  function flush(): void {
    hash.update(newest.join('\n'))
    hash.update('\n')
    older = newest
    newest = []
  }

  return {
    add(line) {
      newest.push(line)
      if (newest.length === keptLines) flush()
    },
    digest: () => hash.copy().update(newest.join('\n')).digest('hex'),
    recent: () => [...older, ...newest].slice(-keptLines),
  }
}
