import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartFailure } from './failure.ts'

/** What a stack writes into its folder while it runs. */
export interface Running {
  readonly pid: number
  /** Tells it from whoever gets its number after it, where the system says when a process began. */
  readonly began?: string
  /** Of its DynamoDB Local, once that is up. */
  readonly endpoint?: string
  /** Of its event bus. */
  readonly eventBus?: string
}

export interface Lock {
  readonly update: (running: Omit<Running, 'pid' | 'began'>) => void
  readonly release: () => void
}

const FILE = 'running.json'

/** One stack for each folder: two processes on one database would both break. */
export function lockFolder(folder: string): Lock {
  mkdirSync(folder, { recursive: true })
  const owner = findRunning(folder)
  if (owner) {
    throw new StartFailure(
      `Strongbox is running on ${folder} already, as process ${owner.pid}. Stop that one, or use --memory.`,
    )
  }
  const file = join(folder, FILE)
  const { pid } = process
  const began = beginningOf(pid)
  const update: Lock['update'] = (running) =>
    writeFileSync(file, JSON.stringify({ pid, began, ...running }))
  update({})
  return { update, release: () => rmSync(file, { force: true }) }
}

/** The stack that runs on the folder now. What one left behind that was killed does not count. */
export function findRunning(folder: string): Running | undefined {
  try {
    const running: Running = JSON.parse(readFileSync(join(folder, FILE), 'utf8'))
    return running.pid !== process.pid && isAlive(running.pid) && isSame(running)
      ? running
      : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Numbers of processes come again, soon after the machine was started at the latest. */
function isSame({ pid, began }: Running): boolean {
  const found = beginningOf(pid)
  return began === undefined || found === undefined || began === found
}

/** Of what stands behind the name in the file; it is field 22 of proc(5). */
const START_TIME_PLACE = 19

function beginningOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // Counted since the machine was started, so that a clock that is set makes nobody a stranger.
      const machine = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const [, fields = ''] = /.*\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      return `${machine} ${fields.split(' ')[START_TIME_PLACE]}`
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
