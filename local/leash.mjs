// Runs a program that must not outlive whoever started it. Standard input is the leash: it closes when the
// owner ends in whatever way, SIGKILL included, and then the program is ended, too.
import { spawn } from 'node:child_process'

/** Longer than DynamoDB Local has ever taken, and no longer than somebody waits after Ctrl-C. */
const LAST_WORK_MS = 5_000

const [program, ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(127)
})
child.on('exit', (code, signal) => {
  if (signal) process.stderr.write(`${program} was ended by ${signal}\n`)
  process.exit(code ?? 1)
})

// Asked first: DynamoDB Local says that a transaction is done a moment before it is on the disk.
function end() {
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), LAST_WORK_MS)
}

process.stdin.on('end', end)
process.stdin.resume()
process.on('SIGTERM', end)
