import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'

/** AWS at one address, as AWS_ENDPOINT_URL names it: who calls what, and signed as whom, is remembered. */
export interface Aws {
  readonly endpoint: string
  readonly calls: readonly AwsCall[]
  readonly stop: () => Promise<void>
}

export interface AwsCall {
  /** As in `DynamoDB_20120810.Query`. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

export interface AwsOptions {
  /** What Secrets Manager has, by the id of the secret. */
  readonly secrets: Readonly<Record<string, string>>
  /** Where the other services are, by how their calls begin, as in `DynamoDB_20120810`. */
  readonly services: Readonly<Record<string, string>>
}

const secretAsked = z.object({ SecretId: z.string() })

export async function startAws({ secrets, services }: AwsOptions): Promise<Aws> {
  const calls: AwsCall[] = []
  const server = createServer(async (incoming, outgoing) => {
    const target = String(incoming.headers['x-amz-target'])
    calls.push({ target, headers: incoming.headers })
    const body = await buffer(incoming)
    if (target === 'secretsmanager.GetSecretValue') {
      const { SecretId } = secretAsked.parse(JSON.parse(body.toString()))
      const SecretString = secrets[SecretId]
      outgoing.writeHead(SecretString === undefined ? 400 : 200, {
        'content-type': 'application/x-amz-json-1.1',
      })
      const missing = { __type: 'ResourceNotFoundException' }
      return outgoing.end(
        JSON.stringify(SecretString === undefined ? missing : { Name: SecretId, SecretString }),
      )
    }
    const [service = ''] = target.split('.')
    const behind = services[service]
    if (behind === undefined) return outgoing.writeHead(501).end()
    const answer = await passOn(incoming, body, behind)
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    return answer.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('AWS has no address')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function passOn(
  { method, url = '/', headers }: IncomingMessage,
  body: Buffer,
  behind: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(new URL(url, behind), { method, headers }, resolve).on('error', reject).end(body)
  })
}
