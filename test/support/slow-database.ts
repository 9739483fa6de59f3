import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** A database that holds back the first item that it is told to write, until it may go on. */
export async function startSlowDatabase(behind: string) {
  const held = Promise.withResolvers<void>()
  let isHeld = false
  const released = Promise.withResolvers<void>()
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming)
    const target = String(incoming.headers['x-amz-target'])
    if (target.endsWith('.PutItem') && !isHeld) {
      isHeld = true
      held.resolve()
      await released.promise
    }
    const headers = {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      authorization: String(incoming.headers.authorization),
    }
    const answer = await fetch(behind, { method: 'POST', headers, body })
    outgoing.writeHead(answer.status).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it has no address')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    isHolding: held.promise,
    goOn: released.resolve,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
