/** 1,234. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** 1 request, 2 requests. */
export function inNumber(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`
}

/** As short as it can be read: 0.8 ms, 12 ms, 1.25 s. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return `${(ms / 1_000).toFixed(2)} s`
}

/** 0:07, 12:34. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
