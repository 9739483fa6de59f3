/** Settings come from the environment only, and are read when an instance starts. */

// Each look into the environment of a process is a call out of JavaScript, and Powertools looks dozens of times a request.
// What Lambda writes there for each call, the id of its trace, it writes to whatever `process.env` is.
process.env = { ...process.env }

export function setting(name: string): string {
  const value = optional(name)
  if (!value) throw new Error(`the environment variable ${name} is not set`)
  return value
}

export function optional(name: string): string | undefined {
  return process.env[name] || undefined
}
