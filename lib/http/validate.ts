import type * as z from 'zod/mini'
import { type FieldError, invalidRequest } from './problem.ts'

/** The value as its schema gives it, or a problem that names every field that is wrong. */
export function parsePart<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidRequest(result.error.issues.flatMap(toErrors))
}

function toErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'is not a field here',
    }))
  }
  // Zod says it of the name of an entry as of the whole; the reason is one level down.
  const message =
    issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [{ path: path.join('.'), message }]
}
