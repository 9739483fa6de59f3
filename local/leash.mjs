// Runs a program that must not outlive whoever started it. Standard input is the leash: it closes when the
// owner ends in whatever way, SIGKILL included, and then the program is ended, too.
import { spawn } from 'node:child_process'

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

process.stdin.on('end', () => child.kill('SIGKILL'))
process.stdin.resume()
process.on('SIGTERM', () => child.kill('SIGKILL'))
