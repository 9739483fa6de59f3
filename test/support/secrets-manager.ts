import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'

/** AWS Secrets Manager, as far as it can be asked for a secret and given another. */
export interface SecretsManager {
  readonly secrets: Map<string, string>
  /** For who is to ask this one. */
  readonly environment: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

const asked = z.object({ SecretId: z.string(), SecretString: z.string().optional() })

export async function startSecretsManager(
  given: Readonly<Record<string, string>>,
): Promise<SecretsManager> {
  const secrets = new Map(Object.entries(given))
  const server = createServer(async (incoming, outgoing) => {
    const { SecretId, SecretString } = asked.parse(await json(incoming))
    const isWrite = incoming.headers['x-amz-target'] === 'secretsmanager.PutSecretValue'
    const answer = (status: number, body: object) =>
      outgoing
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(body))
    if (!secrets.has(SecretId)) return answer(400, { __type: 'ResourceNotFoundException' })
    if (isWrite) secrets.set(SecretId, SecretString ?? '')
    return answer(200, isWrite ? {} : { SecretString: secrets.get(SecretId) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    secrets,
    environment: {
      ...LOCAL_AWS_ENVIRONMENT,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
