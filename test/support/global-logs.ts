import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { SECRETS_FILE } from './logs.ts'
import { findLeaks } from './secrets.ts'

const SHOWN_LEAKS = 10

/** Fails the run if anything that it logged shows a secret. */
export default function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'strongbox-logs-'))
  project.provide('logFolder', folder)
  return () => {
    const texts = new Map(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    )
    const secrets = linesOf(texts.get(SECRETS_FILE) ?? '')
    texts.delete(SECRETS_FILE)
    const leaks = Array.from(texts.values()).flatMap((text) => findLeaks(text, secrets))
    const lines = Array.from(texts.values()).flatMap(linesOf).length
    rmSync(folder, { recursive: true, force: true })
    if (leaks.length > 0) {
      const shown = leaks.slice(0, SHOWN_LEAKS).map(({ what, line }) => `${what} in: ${line}`)
      throw new Error(`${leaks.length} secrets in ${lines} lines of log\n${shown.join('\n')}`)
    }
    process.stdout.write(
      `Log scan: ${lines} lines, searched for ${secrets.length} known secrets and for all that look like one: none.\n`,
    )
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
