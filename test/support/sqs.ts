import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { z } from 'zod'

/** SQS as its clients see it, and the mapping that hands its messages to a function. Time is up to the test. */
export interface Sqs {
  readonly endpoint: string
  readonly url: (queue: string) => string
  readonly messages: (queue: string) => readonly SqsMessage[]
  readonly put: (queue: string, body: string) => void
  /** Hands out everything there is, hidden or not, and deletes what the function is done with. */
  readonly handOut: (queue: string, handler: SqsHandler) => Promise<void>
  /** As StartMessageMoveTask does it: a message that was moved is a new one. */
  readonly move: (from: string, to: string) => void
  /** From now on, calls of this name fail; undefined lets all of them through. */
  readonly refuse: (call: string | undefined) => void
  readonly stop: () => Promise<void>
}

export interface SqsMessage {
  readonly id: string
  readonly body: string
  readonly groupId: string | undefined
  receives: number
  hiddenForSeconds: number | undefined
}

export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse>

const sent = z.object({ MessageBody: z.string(), MessageGroupId: z.string().optional() })
const call = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().optional(),
  Entries: z.array(sent.extend({ Id: z.string() })).optional(),
  ReceiptHandle: z.string().optional(),
  VisibilityTimeout: z.number().optional(),
})

export async function startSqs(): Promise<Sqs> {
  const queues = new Map<string, SqsMessage[]>()
  const messages = (queue: string) => {
    const known = queues.get(queue) ?? []
    queues.set(queue, known)
    return known
  }
  const put = (queue: string, body: string, groupId?: string) => {
    messages(queue).push({
      ...{ id: randomUUID(), body, groupId, receives: 0 },
      hiddenForSeconds: undefined,
    })
    return { MessageId: randomUUID(), MD5OfMessageBody: md5(body) }
  }
  let refused: string | undefined
  const server = createServer(async (incoming, response) => {
    const name = String(incoming.headers['x-amz-target']).replace('AmazonSQS.', '')
    const { QueueUrl, MessageBody, Entries, ...input } = call.parse(await json(incoming))
    const queue = QueueUrl.split('/').at(-1) ?? ''
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify(body))
    }
    if (name === refused) return answer(400, { __type: 'com.amazonaws.sqs#InvalidMessageContents' })
    if (name === 'ChangeMessageVisibility') {
      const message = messages(queue).find(({ id }) => id === input.ReceiptHandle)
      if (message) message.hiddenForSeconds = input.VisibilityTimeout
      return answer(200, {})
    }
    if (name === 'SendMessage') return answer(200, put(queue, MessageBody ?? ''))
    const Successful = (Entries ?? []).map((entry) => ({
      Id: entry.Id,
      ...put(queue, entry.MessageBody, entry.MessageGroupId),
    }))
    return answer(200, { Successful, Failed: [] })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the queue has no address')
  const endpoint = `http://127.0.0.1:${address.port}`
  return {
    endpoint,
    url: (queue) => `${endpoint}/000000000000/${queue}`,
    messages,
    put,
    async handOut(queue, handler) {
      const handedOut = [...messages(queue)]
      for (const message of handedOut) message.receives += 1
      const { batchItemFailures } = await handler({ Records: handedOut.map(toRecord) })
      const left = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      const done = new Set(handedOut.filter(({ id }) => !left.has(id)))
      queues.set(
        queue,
        messages(queue).filter((message) => !done.has(message)),
      )
    },
    move(from, to) {
      for (const { body } of messages(from).splice(0)) put(to, body)
    },
    refuse(name) {
      refused = name
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function toRecord({ id, body, receives }: SqsMessage): SQSRecord {
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: md5(body),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:webhooks',
    awsRegion: 'us-east-1',
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
