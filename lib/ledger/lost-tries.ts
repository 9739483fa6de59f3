/** How often a try was lost to somebody else's, for whoever watches the service. */
export interface LostTries {
  readonly count: (to: 'a-newer-state' | 'a-conflict' | 'a-lost-answer') => void
  /** Since it was last asked. */
  readonly take: () => { readonly conflicts: number; readonly retries: number }
}

export function createLostTries(): LostTries {
  let conflicts = 0
  let retries = 0
  return {
    count(to) {
      retries += 1
      if (to === 'a-conflict') conflicts += 1
    },
    take() {
      const taken = { conflicts, retries }
      conflicts = 0
      retries = 0
      return taken
    },
  }
}
