import { createServer } from 'node:net'

/** The system gives away what is above, to whoever asks for any port: it would be gone while a stack is down. */
const FROM = 20_000
const BELOW = 32_000
const MAX_TRIES = 50

/** A port for a stack that is started on it again and again. */
export async function keptPort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = FROM + Math.floor(Math.random() * (BELOW - FROM))
    if (await isFree(port)) return port
  }
  throw new Error(`no port is free from ${FROM} to ${BELOW}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
