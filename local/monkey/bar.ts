const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** Eighths of a character, so that small differences can be seen; what is there at all can be seen, too. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * PARTS.length)
  const shown = share > 0 ? Math.max(1, eighths) : 0
  return '█'.repeat(Math.floor(shown / PARTS.length)) + (PARTS[shown % PARTS.length] ?? '')
}
