import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import {
  type ApiKey,
  ApiKeyRefusal,
  type ApiKeys,
  createApiKey,
  finishRotation,
  keysOfOwner,
  NO_API_KEYS,
  ownerOf,
  readApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../lib/http/auth/api-keys.ts'
import { isScope, SCOPES, type Scope } from '../lib/http/caller.ts'
import { runCommand, StartFailure } from './failure.ts'
import { writePrivate } from './keep-file.ts'
import { openKeyPlace } from './key-place.ts'

const HELP = `The keys that servers sign their requests with. A key has a name, scopes, and one or two secrets.

  npm run keys -- list
  npm run keys -- create NAME --scopes wallet:read,wallet:credit
  npm run keys -- create NAME2 --scopes wallet:read,wallet:credit --owner NAME
  npm run keys -- rotate NAME       a second secret: put it into the server, then
  npm run keys -- finish NAME       take the first one away
  npm run keys -- revoke NAME       take all of its secrets away, for ever

Idempotency keys and rate limits belong to the owner of a key, which is the key itself unless --owner says otherwise.
Where a new key replaces one with another name, give it the owner of that one: a purchase that is retried with the new
key is then not paid again. The owner of a key never changes.

Where they are kept:
  --folder DIR     by \`npm start\`, in DIR/api-keys.json (default: .local)
  --secret ARN     by a deployment, in AWS Secrets Manager (see its output ApiKeysSecretArn)

Where a new secret goes:
  shown once, here, or with
  --into WHERE     into a file, or into another secret of AWS Secrets Manager by its ARN, and shown to nobody;
                   for the canary of a deployment (its output CanaryKeySecretArn), and for \`npm run smoke\`

Scopes: ${SCOPES.join(', ')}, or all.
A deployment knows of a change within a minute, \`npm start\` at once.
Two people who change the keys of one deployment in the same second can undo each other's change.
`

const COMMANDS = ['list', 'create', 'rotate', 'finish', 'revoke']
const MAKES_A_SECRET = ['create', 'rotate']

interface KeyStore {
  readonly read: () => Promise<ApiKeys>
  readonly write: (keys: ApiKeys) => Promise<void>
}

await runCommand(async () => {
  const { command, name, options } = readArguments()
  if (command === undefined || options.help) {
    process.stdout.write(`${HELP}\n`)
    process.exitCode = options.help ? 0 : 1
    return
  }
  const store = options.secret ? keysInSecret(options.secret) : keysInFolder(options.folder)
  try {
    await carryOut(store, command, name, options)
  } catch (error) {
    if (error instanceof ApiKeyRefusal) throw new StartFailure(error.message)
    throw error
  }
})

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        scopes: { type: 'string' },
        owner: { type: 'string' },
        folder: { type: 'string', default: '.local' },
        secret: { type: 'string' },
        into: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [command, name = '', ...more] = positionals
    if (more.length > 0) throw new StartFailure(`What is "${more.join(' ')}"?\n\n${HELP}`)
    return { command, name, options: values }
  } catch (error) {
    // That is how parseArgs says that somebody mistyped.
    if (error instanceof TypeError) throw new StartFailure(`${error.message}\n\n${HELP}`)
    throw error
  }
}

interface CommandOptions {
  readonly scopes?: string | undefined
  readonly owner?: string | undefined
  readonly into?: string | undefined
}

async function carryOut(
  { read, write }: KeyStore,
  command: string,
  id: string,
  { scopes, owner, into }: CommandOptions,
): Promise<void> {
  if (!COMMANDS.includes(command)) throw new StartFailure(`There is no "${command}".\n\n${HELP}`)
  if (into !== undefined && !MAKES_A_SECRET.includes(command)) {
    throw new StartFailure(`--into is for a new secret, and ${command} makes none.`)
  }
  if (owner !== undefined && command !== 'create') {
    throw new StartFailure('--owner is for a new key: the owner of a key never changes.')
  }
  const keys = await read()
  if (command === 'list') {
    printKeys(keys)
    return
  }
  if (id === '') throw new StartFailure(`Which key? Say npm run keys -- ${command} NAME.`)
  const at = new Date()
  // Before anything is made: a secret that has nowhere to go would be lost.
  const place = into === undefined ? undefined : await openKeyPlace(into)
  const handOver = async (key: ApiKey) => {
    await place?.put(key)
    console.log(`keyid:  ${key.id}`)
    printOwner(keys, key)
    console.log(place ? `secret: in ${into}` : shownSecret(key))
  }
  switch (command) {
    case 'create': {
      const changed = createApiKey(keys, { id, owner, scopes: toScopes(scopes), at })
      await write(changed.keys)
      await handOver(changed.key)
      return
    }
    case 'rotate': {
      const changed = rotateApiKey(keys, { id, at })
      await write(changed.keys)
      await handOver(changed.key)
      console.log(`The one before is still good. When no server signs with it any more:
  npm run keys -- finish ${id}`)
      return
    }
    case 'finish':
      await write(finishRotation(keys, { id }).keys)
      console.log(`Only the newest secret of ${id} is good now.`)
      return
    case 'revoke':
      await write(revokeApiKey(keys, { id, at }).keys)
      console.log(`${id} is revoked: nothing that it signs is accepted any more.`)
      return
  }
}

function toScopes(text: string | undefined): Scope[] {
  if (text === undefined) {
    throw new StartFailure(`What may it do? Say --scopes, of ${SCOPES.join(', ')}, or all.`)
  }
  if (text === 'all') return [...SCOPES]
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !isScope(name))
  if (unknown.length > 0) {
    throw new StartFailure(`"${unknown.join(', ')}" is no scope. There are ${SCOPES.join(', ')}.`)
  }
  return names.filter(isScope)
}

function printKeys({ keys }: ApiKeys): void {
  if (keys.length === 0) {
    console.log('There are no keys yet: npm run keys -- create NAME --scopes ...')
    return
  }
  const rows = keys.map(({ id, owner, scopes, secrets, createdAt, revokedAt }) => [
    owner === undefined ? id : `${id} (owner: ${owner})`,
    stateOf(secrets.length, revokedAt),
    createdAt.slice(0, 10),
    scopes.length === SCOPES.length ? 'all scopes' : scopes.join(', '),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  }
}

function stateOf(secrets: number, revokedAt: string | undefined): string {
  if (revokedAt) return `revoked ${revokedAt.slice(0, 10)}`
  return secrets === 1 ? 'live' : 'live, in rotation'
}

function shownSecret({ secrets: [newest] }: ApiKey): string {
  return `secret: ${newest?.secret}   (base64; it is not shown again)`
}

/** Says with which keys an owner is shared, so that a misspelt one is noticed. */
function printOwner(keys: ApiKeys, key: ApiKey): void {
  const owner = ownerOf(key)
  const others = keysOfOwner(keys, owner).flatMap(({ id }) => (id === key.id ? [] : [id]))
  if (key.owner === undefined && others.length === 0) return
  console.log(`owner:  ${owner} (shared with ${others.join(', ') || 'no other key'})`)
}

function keysInFolder(folder: string): KeyStore {
  const file = join(folder, 'api-keys.json')
  return {
    read: async () => (existsSync(file) ? readApiKeys(readFileSync(file, 'utf8')) : NO_API_KEYS),
    write: async (keys) => writePrivate(file, JSON.stringify(keys, null, 2)),
  }
}

function keysInSecret(SecretId: string): KeyStore {
  const client = new SecretsManagerClient({})
  return {
    async read() {
      const { SecretString } = await client
        .send(new GetSecretValueCommand({ SecretId }))
        .catch((error) => {
          throw new StartFailure(`${SecretId} cannot be read: ${error.message}`)
        })
      return readApiKeys(SecretString ?? '')
    },
    async write(keys) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(keys) }))
    },
  }
}
