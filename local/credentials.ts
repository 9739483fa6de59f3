import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiKey, createApiKey, NO_API_KEYS, readApiKeys } from '../lib/http/auth/api-keys.ts'
import { SCOPES } from '../lib/http/caller.ts'
import { StartFailure } from './failure.ts'
import { type Issuer, operatorToken, playerToken } from './issuer.ts'
import { keepFile, writePrivate } from './keep-file.ts'

/** What a developer calls the embedded stack with. Good on this machine, for this stack, and nowhere else. */
export interface DevCredentials {
  readonly baseUrl: string
  /** With all scopes. */
  readonly adminToken: string
  readonly players: { readonly alice: string; readonly bob: string }
  /** For signed requests, with all scopes. */
  readonly hmac: { readonly keyId: string; readonly secret: string }
}

const DEV_KEY_ID = 'dev'

export async function makeCredentials(
  baseUrl: string,
  issuer: Issuer,
  key: ApiKey,
): Promise<DevCredentials> {
  const [adminToken, alice, bob] = await Promise.all([
    operatorToken(issuer, 'dev'),
    playerToken(issuer, 'alice'),
    playerToken(issuer, 'bob'),
  ])
  const secret = key.secrets[0]?.secret ?? ''
  return { baseUrl, adminToken, players: { alice, bob }, hmac: { keyId: key.id, secret } }
}

/** The file that the functions read keys from, with one in it that a developer can use at once. */
export async function keepApiKeys(file: string): Promise<ApiKey> {
  const text = await keepFile(file, async () => {
    const { keys } = createApiKey(NO_API_KEYS, { id: DEV_KEY_ID, scopes: SCOPES, at: new Date() })
    return JSON.stringify(keys, null, 2)
  })
  const { keys } = readApiKeys(text)
  const key = keys.find(({ id }) => id === DEV_KEY_ID)
  // Somebody may have taken it out of the file; then there is no secret to show, and that is fine.
  return key ?? { id: DEV_KEY_ID, scopes: [], secrets: [], createdAt: new Date().toISOString() }
}

/** For programs, one JSON file; for curl, one header file for each token: `curl -H @alice.auth`. */
export function writeCredentials(folder: string, credentials: DevCredentials): CredentialFiles {
  const files = credentialFiles(folder)
  writePrivate(files.credentials, `${JSON.stringify(credentials, null, 2)}\n`)
  const { adminToken, players } = credentials
  const tokens = { admin: adminToken, alice: players.alice, bob: players.bob }
  for (const name of ['admin', 'alice', 'bob'] as const) {
    writePrivate(files[name], `Authorization: Bearer ${tokens[name]}\n`)
  }
  return files
}

/** What the stack on this folder wrote when it started. */
export function readCredentials(folder: string): DevCredentials {
  const known = knownCredentials(folder)
  if (known) return known
  const { credentials } = credentialFiles(folder)
  throw new StartFailure(`There are no credentials in ${credentials}. \`npm start\` writes them.`)
}

function knownCredentials(folder: string): DevCredentials | undefined {
  try {
    return JSON.parse(readFileSync(credentialFiles(folder).credentials, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Where a stack that keeps nothing writes its credentials: where they are looked for first, unless another stack
 * runs there.
 */
export async function credentialsFolder(folder: string, url: string): Promise<string> {
  const owner = knownCredentials(folder)?.baseUrl
  if (owner === undefined || owner === url) return folder
  const isTaken = await fetch(`${owner}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
  return isTaken ? join(folder, `memory-${new URL(url).port}`) : folder
}

/** Unless another stack has written its own there since. */
export function removeCredentials(folder: string, url: string): void {
  if (knownCredentials(folder)?.baseUrl !== url) return
  for (const file of Object.values(credentialFiles(folder))) rmSync(file, { force: true })
}

export type CredentialFiles = Readonly<Record<'credentials' | 'admin' | 'alice' | 'bob', string>>

function credentialFiles(folder: string): CredentialFiles {
  return {
    credentials: join(folder, 'dev-credentials.json'),
    admin: join(folder, 'admin.auth'),
    alice: join(folder, 'alice.auth'),
    bob: join(folder, 'bob.auth'),
  }
}
