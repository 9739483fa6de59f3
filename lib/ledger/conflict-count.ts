/** How often attempts conflicted, for the metrics. */
export interface ConflictCount {
  readonly count: (outcome: 'stale' | 'contended' | 'unknown') => void
  /** Since this was last called. */
  readonly take: () => { readonly conflicts: number; readonly retries: number }
}

export function createConflictCount(): ConflictCount {
  let conflicts = 0
  let retries = 0
  return {
    count(outcome) {
      retries += 1
      if (outcome === 'contended') conflicts += 1
    },
    take() {
      const taken = { conflicts, retries }
      conflicts = 0
      retries = 0
      return taken
    },
  }
}
