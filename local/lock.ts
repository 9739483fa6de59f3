import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartFailure } from './failure.ts'

/** What a stack writes into its folder while it runs. */
export interface Running {
  readonly pid: number
  /** Of its DynamoDB Local, once that is up. */
  readonly endpoint?: string
  /** Of its event bus. */
  readonly eventBus?: string
}

export interface Lock {
  readonly update: (running: Omit<Running, 'pid'>) => void
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
  const update: Lock['update'] = (running) =>
    writeFileSync(file, JSON.stringify({ pid: process.pid, ...running }))
  update({})
  return { update, release: () => rmSync(file, { force: true }) }
}

/** The stack that runs on the folder now. What one left behind that was killed does not count. */
export function findRunning(folder: string): Running | undefined {
  try {
    const running: Running = JSON.parse(readFileSync(join(folder, FILE), 'utf8'))
    return running.pid !== process.pid && isAlive(running.pid) ? running : undefined
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
