import { existsSync, readFileSync } from 'node:fs'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import type { ApiKey } from '../lib/http/auth/api-keys.ts'
import { readKeptKey, withKey } from '../lib/smoke/kept-key.ts'
import { StartFailure } from './failure.ts'
import { writePrivate } from './keep-file.ts'

/** Where who signs with a key finds it, so that its secret is shown to nobody. */
export interface KeyPlace {
  readonly put: (key: ApiKey) => Promise<void>
}

interface Text {
  readonly read: () => Promise<string>
  readonly write: (text: string) => Promise<void>
}

const NOTHING_YET = '{}'

/** A secret by its ARN, or else a file. What holds anything but one key is left as it is. */
export async function openKeyPlace(where: string): Promise<KeyPlace> {
  const { read, write } = where.startsWith('arn:') ? textOfSecret(where) : textOfFile(where)
  const before = await read().catch((error) => {
    throw new StartFailure(`${where} cannot be read: ${error.message}`)
  })
  try {
    readKeptKey(before)
  } catch {
    throw new StartFailure(`${where} holds something else than one key, and stays as it is.`)
  }
  return {
    async put({ id, secrets: [newest] }) {
      const secret = newest?.secret ?? ''
      await write(withKey(before, { id, secret })).catch((error) => {
        throw new StartFailure(
          `The new secret of ${id} cannot be put into ${where}, and nobody has it: ${error.message}\n` +
            'Where it can be, `rotate` makes another one; if there are two by then, after `finish`.',
        )
      })
    },
  }
}

function textOfFile(file: string): Text {
  return {
    read: async () => (existsSync(file) ? readFileSync(file, 'utf8') : NOTHING_YET),
    write: async (text) => writePrivate(file, text),
  }
}

function textOfSecret(SecretId: string): Text {
  const client = new SecretsManagerClient({})
  return {
    async read() {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }))
      return SecretString ?? ''
    },
    async write(SecretString) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }))
    },
  }
}
