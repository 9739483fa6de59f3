import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { change, type RawReply, type RawRequest, sendRaw } from './sign.ts'

/** Somebody who stands before a Strongbox and passes on what they like, of requests and of answers. */
export interface Meddler {
  readonly url: string
  readonly stop: () => Promise<void>
}

export interface Passing {
  readonly request: RawRequest
  /** As it came, or changed. */
  readonly pass: (changes?: Parameters<typeof change>[1]) => Promise<Passed>
  readonly response: ServerResponse
}

export type Passed = Pick<RawReply, 'status' | 'headers' | 'text'>

/** What is answered; nothing, where the response was taken care of. */
export type Meddle = (passing: Passing) => Promise<Passed | undefined>

export async function startMeddler(upstream: string, meddle: Meddle): Promise<Meddler> {
  const server = createServer(async (incoming, response) => {
    // Who has waited long enough hangs up.
    response.on('error', () => {})
    // What is passed on is text.
    const { host, connection, 'accept-encoding': _, ...headers } = incoming.headers
    const request: RawRequest = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value = '']) => [name, value]),
      ),
      body: await buffer(incoming),
    }
    const passed = await meddle({
      request,
      response,
      pass: (changes) => sendRaw(upstream, changes ? change(request, changes) : request),
    }).catch((error) => {
      // Who is hung up on hangs up, too: a connection that was kept may be closed just when it is used again.
      if (!isHungUp(error)) throw error
      response.destroy()
    })
    if (!passed) return
    const { 'content-length': length, 'transfer-encoding': encoding, ...kept } = passed.headers
    response.writeHead(passed.status, kept).end(passed.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function isHungUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
}
