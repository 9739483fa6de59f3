import { spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { descendantsOf, type RunningProcess, runningProcesses } from '../support/processes.ts'

/** What `npm start` runs, on a folder, with a database that keeps its word. */
export interface RealStack {
  /** Settles when it is up, or when it has ended instead. */
  readonly up: Promise<'up' | 'ended'>
  /** Its processes that are there now; undefined for one that is not there yet, or no more. */
  readonly processes: () => { readonly api: number | undefined; readonly java: number | undefined }
  /** Settles when it has ended, with all that it printed. Its database may still be about to. */
  readonly ended: Promise<string>
  /** Settles when nothing of it is left. */
  readonly gone: Promise<void>
  /** As Ctrl-C does. */
  readonly stop: () => void
}

export interface RealStackOptions {
  readonly folder: string
  readonly port: number
  /** Where this life of the database writes down what it says. */
  readonly diary: string
  /** Off tells clients what DynamoDB Local says, as soon as it says so. */
  readonly barrier: 'on' | 'off'
}

const ROOT = join(import.meta.dirname, '..', '..')
const LEASH = join(ROOT, 'local', 'leash.mjs')
const STAND_IN = join(import.meta.dirname, 'kept-word.ts')
const UP = /Strongbox is up/
const POLL_MS = 50
/** The leashes give it five seconds each, and there are three. */
const LAST_BREATH_MS = 20_000

export function startRealStack({ folder, port, diary, barrier }: RealStackOptions): RealStack {
  const [program = '', ...args] = commandOf('start')
  const { PATH = '', HOME = '' } = process.env
  // On a leash: whatever becomes of us, it does not outlive us.
  const command = [LEASH, program, ...args, '--folder', folder, '--port', String(port)]
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: {
      HOME,
      PATH: [standInFolder(folder), PATH].join(delimiter),
      CHAOS_NODE: process.execPath,
      CHAOS_STAND_IN: STAND_IN,
      CHAOS_JAVA: findProgram('java', PATH),
      CHAOS_DIARY: diary,
      CHAOS_BARRIER: barrier,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  const seen = Promise.withResolvers<'up' | 'ended'>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
      if (UP.test(output)) seen.resolve('up')
    })
  }
  const known = new Map<number, RunningProcess>()
  const family = () => {
    const all = child.pid === undefined ? [] : descendantsOf(child.pid, runningProcesses())
    for (const relative of all) known.set(relative.pid, relative)
    return all
  }
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => {
      seen.resolve('ended')
      resolve(output)
    })
  })
  return {
    up: seen.promise.then((what) => {
      if (what === 'up') family()
      return what
    }),
    processes: () => {
      const all = family()
      const api = all.find(({ parent }) => parent === child.pid)
      const isLeaf = ({ pid }: RunningProcess) => all.every(({ parent }) => parent !== pid)
      const java = all.find((one) => one.args.includes('DynamoDBLocal.jar') && isLeaf(one))
      // Before it has started java, a leash or the stand-in is a leaf, too.
      const isJava = java !== undefined && !/leash\.mjs|kept-word\.ts/.test(java.args)
      return { api: api?.pid, java: isJava ? java.pid : undefined }
    },
    ended,
    gone: ended.then(() => buried(known)),
    stop: () => child.kill('SIGTERM'),
  }
}

/** A script of package.json, as it stands there, with the program that it names. */
export function commandOf(script: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [, ...args] = String(scripts[script]).split(' ')
  return [process.execPath, ...args]
}

/** Waits for those that were in its family; who is still there in the end is ended, by its number. */
async function buried(known: ReadonlyMap<number, RunningProcess>): Promise<void> {
  const left = () => runningProcesses().filter(({ pid, args }) => known.get(pid)?.args === args)
  const giveUpAt = Date.now() + LAST_BREATH_MS
  while (left().length > 0) {
    if (Date.now() > giveUpAt) {
      for (const { pid } of left()) process.kill(pid, 'SIGKILL')
      throw new Error('something of a stack has outlived it')
    }
    await sleep(POLL_MS)
  }
}

/** A `java` that is found before the real one. */
function standInFolder(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const file = join(bin, 'java')
  const lines = [
    '#!/bin/sh',
    '[ "$1" = -version ] && exec "$CHAOS_JAVA" -version',
    'exec "$CHAOS_NODE" "$CHAOS_STAND_IN" "$@"',
    '',
  ]
  writeFileSync(file, lines.join('\n'))
  chmodSync(file, 0o755)
  return bin
}

function findProgram(name: string, path: string): string {
  for (const folder of path.split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // It is in another one.
    }
  }
  throw new Error(`there is no ${name}`)
}
