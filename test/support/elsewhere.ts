import { readFileSync } from 'node:fs'
import type { DevCredentials } from '../../local/credentials.ts'

/** A service that runs already, wherever it is. */
export interface Elsewhere {
  readonly url: string
  readonly credentials: DevCredentials
  /** What is before every path, and signed with it: the stage, where a REST API has one. */
  readonly basePath: string
}

/** The one that STRONGBOX_URL and STRONGBOX_CREDENTIALS name. Undefined where tests start their own. */
export const elsewhere = readElsewhere(process.env)

function readElsewhere({
  STRONGBOX_URL: given,
  STRONGBOX_CREDENTIALS: file,
}: NodeJS.ProcessEnv): Elsewhere | undefined {
  if (!given) return undefined
  if (!file) throw new Error('STRONGBOX_URL is set, and STRONGBOX_CREDENTIALS is not')
  const url = given.replace(/\/+$/, '')
  const { pathname } = new URL(url)
  return {
    url,
    credentials: JSON.parse(readFileSync(file, 'utf8')),
    basePath: pathname === '/' ? '' : pathname,
  }
}
