/** Loads a bundle, as the process of a function does before anything else, and says what that took. */
const [file = ''] = process.argv.slice(2)
const before = process.cpuUsage()
const startedAt = performance.now()
await import(file)
const wallMs = performance.now() - startedAt
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }))
