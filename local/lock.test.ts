import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRunning, lockFolder } from './lock.ts'

let folder: string
const started: ReturnType<typeof spawn>[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongbox-lock-'))
})

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
})

/** A process that does nothing but live, after it has done this. */
async function startProcess(first = '') {
  const lock = JSON.stringify(join(import.meta.dirname, 'lock.ts'))
  const script = `import { lockFolder } from ${lock}; ${first}; console.log('up'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  await once(child.stdout, 'data')
  if (child.pid === undefined) throw new Error('it does not start')
  return { pid: child.pid, child }
}

test('a folder is locked as long as its owner lives, and free when that was killed', async () => {
  const { pid, child } = await startProcess(`lockFolder(${JSON.stringify(folder)})`)
  const whileItLives = findRunning(folder)

  child.kill('SIGKILL')
  await once(child, 'exit')

  expect(whileItLives).toMatchObject({ pid })
  expect(findRunning(folder)).toBeUndefined()
  expect(() => lockFolder(folder)).not.toThrow()
})

test('a locked folder is refused, with the process that has it', async () => {
  const { pid } = await startProcess(`lockFolder(${JSON.stringify(folder)})`)

  expect(() => lockFolder(folder)).toThrow(`already, as process ${pid}`)
})

test('who has the number of an owner that was killed is not its owner', async () => {
  const { pid: stranger } = await startProcess()
  const lock = lockFolder(folder)
  lock.update({ endpoint: 'http://127.0.0.1:8000' })
  const file = join(folder, 'running.json')
  const left = JSON.parse(readFileSync(file, 'utf8'))

  writeFileSync(file, JSON.stringify({ ...left, pid: stranger }))

  expect(findRunning(folder)).toBeUndefined()
  expect(() => lockFolder(folder)).not.toThrow()
})
