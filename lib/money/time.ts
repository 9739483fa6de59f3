/** A time as people and clients read it. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
