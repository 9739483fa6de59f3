/** Settings come from the environment only, and are read when an instance starts. */

export function setting(name: string): string {
  const value = optional(name)
  if (!value) throw new Error(`the environment variable ${name} is not set`)
  return value
}

export function optional(name: string): string | undefined {
  return process.env[name] || undefined
}
