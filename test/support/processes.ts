import { execFileSync } from 'node:child_process'

export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly args: string
}

export function runningProcesses(): RunningProcess[] {
  const columns = ['pid', 'ppid', 'stat', 'args'].flatMap((name) => ['-o', `${name}=`])
  const table = execFileSync('ps', ['-A', '-ww', ...columns], { encoding: 'utf8' })
  return table.split('\n').flatMap((line) => {
    const [pid = '', parent = '', state = '', ...args] = line.trim().split(/\s+/)
    // A zombie has ended; only its parent has not looked yet.
    if (pid === '' || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), args: args.join(' ') }]
  })
}

export function descendantsOf(pid: number, all: readonly RunningProcess[]): RunningProcess[] {
  const children = all.filter(({ parent }) => parent === pid)
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)])
}

/** Which of these processes are still there. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = new Set(runningProcesses().map(({ pid }) => pid))
  return pids.filter((pid) => running.has(pid))
}
