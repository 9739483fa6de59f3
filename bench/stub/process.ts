import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import type { RawItem } from '../meter/item-costs.ts'
import type { Asked, Contents, FromStub, ToStub } from './stub.ts'

const DYNAMODB = 'DynamoDB_20120810.'
const TARGET = 'x-amz-target'

const key = z.record(z.string(), z.object({ S: z.string() }))
const getItem = z.object({ Key: key })
const batchGetItem = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(key) })),
})
const getSecretValue = z.object({ SecretId: z.string() })

/** The items in it by their keys, and what was asked last. */
const items = new Map<string, RawItem>()
let secrets: Contents['secrets'] = {}
let jwks = ''
let asked: Asked[] = []

const server = createServer(async (incoming, outgoing) => {
  const body = await text(incoming)
  outgoing.setHeader('content-type', 'application/x-amz-json-1.0')
  outgoing.setHeader('x-amzn-requestid', '0LPGEBT7RTBM5TRSDBBPM9M9RVVV4KQNSO5AEMVJF66Q9ASUAAJG')
  outgoing.end(answerTo(incoming, body))
})

process.on('message', (message: ToStub) => {
  if (message === 'end') {
    server.close()
    server.closeAllConnections()
    process.disconnect()
  } else if (message === 'take') {
    tell({ asked })
    asked = []
  } else {
    open(message.contents)
  }
})

function open(contents: Contents): void {
  for (const item of contents.items) items.set(nameOf(item), item)
  secrets = contents.secrets
  jwks = JSON.stringify({ keys: [contents.jwk] })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    tell({ port: typeof address === 'object' && address !== null ? address.port : 0 })
  })
}

function tell(message: FromStub): void {
  process.send?.(message)
}

function answerTo({ method, headers }: IncomingMessage, body: string): string {
  if (method === 'GET') return jwks
  const target = String(headers[TARGET])
  const input: unknown = JSON.parse(body)
  if (!target.startsWith(DYNAMODB)) return JSON.stringify(secretFor(input))
  const operation = target.slice(DYNAMODB.length)
  asked.push({ operation, input })
  return JSON.stringify(found(operation, input), asOnTheWire)
}

function secretFor(input: unknown) {
  return { SecretString: secrets[getSecretValue.parse(input).SecretId] }
}

/** Queries find nothing, and whatever is written is as welcome as the first. */
function found(operation: string, input: unknown): object {
  switch (operation) {
    case 'GetItem':
      return { Item: items.get(nameOf(getItem.parse(input).Key)) }
    case 'BatchGetItem': {
      const tables = Object.entries(batchGetItem.parse(input).RequestItems)
      const pages = tables.map(([table, { Keys }]) => {
        return [
          table,
          Keys.map((one) => items.get(nameOf(one))).filter((item) => item !== undefined),
        ]
      })
      return { Responses: Object.fromEntries(pages), UnprocessedKeys: {} }
    }
    case 'Query':
      return { Items: [], Count: 0, ScannedCount: 0 }
    default:
      return {}
  }
}

function nameOf(item: RawItem): string {
  return `${item['pk']?.S} ${item['sk']?.S}`
}

function asOnTheWire(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
