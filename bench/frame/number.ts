/** Three digits or all that are before the point: what was measured on a busy machine has no more to say. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en')
  const whole = Math.trunc(Math.abs(value)).toString().length
  return value.toLocaleString('en', {
    minimumFractionDigits: Math.max(0, DIGITS - whole),
    maximumFractionDigits: Math.max(0, DIGITS - whole),
  })
}

const DIGITS = 3
