import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

type Secret = string | ArrayBuffer | ArrayBufferView

/**
 * What the SDK signs each request with. Its own makes the same two secrets into keys of Node's for each request.
 */
export class Sha256 {
  readonly #key: KeyObject | undefined
  #chunks: Uint8Array[] = []

  constructor(secret?: Secret) {
    this.#key = secret === undefined ? undefined : keyOf(secret)
  }

  update(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
  }

  async digest(): Promise<Uint8Array> {
    const [first = Buffer.alloc(0), ...others] = this.#chunks
    const data = others.length === 0 ? first : Buffer.concat(this.#chunks)
    if (!this.#key) return hash('sha256', data, 'buffer')
    return createHmac('sha256', this.#key).update(data).digest()
  }

  reset(): void {
    this.#chunks = []
  }
}

/** There is one secret of the credentials, and a key for each day, which the SDK keeps as the same bytes. */
let last: { readonly text: string; readonly key: KeyObject } | undefined
const keys = new WeakMap<ArrayBuffer | ArrayBufferView, KeyObject>()

function keyOf(secret: Secret): KeyObject {
  if (typeof secret === 'string') {
    if (last?.text !== secret) last = { text: secret, key: createSecretKey(secret, 'utf8') }
    return last.key
  }
  const known = keys.get(secret)
  if (known) return known
  const bytes = ArrayBuffer.isView(secret)
    ? Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength)
    : Buffer.from(secret)
  const key = createSecretKey(bytes)
  keys.set(secret, key)
  return key
}
