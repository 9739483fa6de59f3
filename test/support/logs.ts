import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'

/** Everything that is logged in a test run is kept until its end, and then searched for secrets. */

declare module 'vitest' {
  interface ProvidedContext {
    logFolder: string
  }
}

export const SECRETS_FILE = 'secrets'

export function keepLog(text: string): void {
  appendFileSync(ownLog(), text)
}

/** What this process has logged so far. */
export function readLog(): string {
  return existsSync(ownLog()) ? readFileSync(ownLog(), 'utf8') : ''
}

function ownLog(): string {
  return join(inject('logFolder'), `${process.pid}.log`)
}

/** A secret of this run, that no log may show. */
export function keepSecret(secret: string): void {
  appendFileSync(join(inject('logFolder'), SECRETS_FILE), `${secret}\n`)
}
