const BAR_WIDTH = 30

/** A bar for a person; nothing where the output goes into a file. */
export function showProgress(done: number, expected: number, what: string): void {
  if (!process.stderr.isTTY) return
  const share = expected > 0 ? Math.min(1, done / expected) : 0
  const filled = Math.round(share * BAR_WIDTH)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`
  process.stderr.write(`\r${bar} ${Math.round(share * 100)}%  ${done} ${what}`)
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\n')
}
