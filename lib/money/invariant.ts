/** What must be true for money to be right. A failure is a bug: the request dies, nothing is written. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation'
}

export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message)
}
