import { spawn } from 'node:child_process'
import { vi } from 'vitest'
import { keepLog } from './logs.ts'
import { descendantsOf, runningProcesses } from './processes.ts'

/** A command as somebody types it: in a group of its own, so that Ctrl-C reaches all of its processes. */
export interface Command {
  readonly pid: number
  readonly stdout: () => string
  /** What it complained about, line by line, without what npm says in its own name. */
  readonly complaints: () => readonly string[]
  readonly isRunning: () => boolean
  readonly exited: Promise<Exit>
  readonly pressCtrlC: () => void
}

export interface Exit {
  readonly code: number | null
  readonly stdout: string
  readonly complaints: readonly string[]
}

export interface Terminal {
  readonly run: (command: readonly string[], environment?: Environment) => Command
  /** Ends whatever it ran and still runs. */
  readonly close: () => Promise<void>
}

type Environment = Readonly<Record<string, string>>

const WAIT_MS = 30_000
const POLL_MS = 50

export function openTerminal(): Terminal {
  const commands: Command[] = []
  return {
    run(command, environment = {}) {
      const running = spawnCommand(command, environment)
      commands.push(running)
      return running
    },
    async close() {
      for (const { pid, exited } of commands.splice(0)) {
        signalGroup(pid, 'SIGKILL')
        await exited
      }
    },
  }
}

/** Polls until the condition holds; a stranger would not wait for longer than this. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  await vi.waitFor(
    () => {
      if (!condition()) throw new Error(`not within ${WAIT_MS} ms: ${what}`)
    },
    { timeout: WAIT_MS, interval: POLL_MS },
  )
}

function spawnCommand(
  [program = '', ...args]: readonly string[],
  environment: Environment,
): Command {
  // Nothing of what the test runner puts into the environment: a stranger does not have that.
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, {
    detached: true,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} does not start`)
  const [output, errors]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => errors.push(chunk))
  const stdout = () => Buffer.concat(output).toString()
  const complaints = () => linesOf(Buffer.concat(errors).toString()).filter(isNotNpm)
  let isRunning = true
  const exited = new Promise<Exit>((resolve) => {
    child.on('close', (code) => {
      isRunning = false
      // What a stack prints is a log; other commands make tokens and keys, and have to show them.
      if (stdout().includes('Strongbox is up'))
        keepLog(Buffer.concat([...output, ...errors]).toString())
      resolve({ code, stdout: stdout(), complaints: complaints() })
    })
  })
  return {
    pid,
    stdout,
    complaints,
    isRunning: () => isRunning,
    exited,
    pressCtrlC: () => signalGroup(pid, 'SIGINT'),
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}

function isNotNpm(line: string): boolean {
  return !/^npm (?:warn|notice|error)\b/i.test(line)
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // There is no process left in it.
  }
}

/** The processes of a running stack that matter when one of them ends. */
export interface StackProcesses {
  readonly main: number
  readonly leash: number
  readonly java: number
}

export function findStackProcesses({ pid }: Command): StackProcesses {
  const family = descendantsOf(pid, runningProcesses())
  const leash = family.find(({ args }) => args.includes('leash.mjs'))
  const java = family.find(({ parent }) => parent === leash?.pid)
  if (!leash || !java) throw new Error('no DynamoDB Local runs in this terminal')
  return { main: leash.parent, leash: leash.pid, java: java.pid }
}

export function descendantPids({ pid }: Command): number[] {
  return descendantsOf(pid, runningProcesses()).map((descendant) => descendant.pid)
}
