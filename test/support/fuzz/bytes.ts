import fc from 'fast-check'

/** What is no HTTP, or HTTP in ways that no client library lets through. Most of it ends before any handler. */
export function wireBytes(token: string): fc.Arbitrary<Buffer> {
  const auth = `Authorization: Bearer ${token}\r\n`
  const body = '{"asset":"GOLD_COINS","amount":1}'
  const post = (headers: string, content = body, line = 'POST /v1/wallets/alice/topup HTTP/1.1') =>
    `${line}\r\nHost: x\r\n${auth}Content-Type: application/json\r\n${headers}\r\n${content}`
  const length = `Content-Length: ${body.length}\r\n`
  const texts = [
    // A value that ends its header and begins another.
    post(`Idempotency-Key: wire-1\r\nX-Injected: 1\r\n${length}`),
    post(`Idempotency-Key: wire-2\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`),
    post(`Idempotency-Key: wire\n3\r\n${length}`),
    post(`Idempotency-Key: wire\r4\r\n${length}`),
    post(`Idempotency-Key: wire\u00005\r\n${length}`),
    post(`Idempotency-Key: wire-6\r\n folded\r\n${length}`),
    post(`Idempotency-Key : wire-7\r\n${length}`),
    post(`Idempotency-Key\r\n${length}`),
    post(`: nameless\r\n${length}`),
    // Two opinions about where the body ends.
    post(`${length}Content-Length: 3\r\n`),
    post(`${length}Transfer-Encoding: chunked\r\n`),
    post('Transfer-Encoding: chunked\r\n', 'ffffffffffffffffff\r\n{}'),
    post('Transfer-Encoding: chunked\r\n', '-1\r\n{}\r\n0\r\n\r\n'),
    post('Transfer-Encoding: chunked\r\n', `21;${'x'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`),
    post('Transfer-Encoding: gzip, chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'),
    post('Transfer-Encoding: \u000bchunked\r\n'),
    post(`Transfer-Encoding: identity\r\n${length}`),
    post('Content-Length: -1\r\n'),
    post('Content-Length: 1e3\r\n'),
    post('Content-Length: 99999999999999999999\r\n'),
    post(`Content-Length: ${body.length + 5}\r\n`),
    post('Expect: nonsense\r\nContent-Length: 0\r\n'),
    // Lines that are none.
    post(length, body, 'STEAL /v1/wallets/alice HTTP/1.1'),
    post(length, body, 'post /v1/wallets/alice/topup HTTP/1.1'),
    post(length, body, 'POST /v1/wallets/alice/topup HTTP/9.9'),
    post(length, body, 'POST /v1/wallets/alice/topup'),
    post(length, body, 'POST /v1/wallets/al ice/topup HTTP/1.1'),
    post(length, body, 'POST /v1/wallets/al\u00efce/topup HTTP/1.1'),
    post(length, body, 'POST /v1/wallets/\u00ff\u00fe/topup HTTP/1.1'),
    post(length, body, 'POST http://evil.example/v1/wallets/alice/topup HTTP/1.1'),
    post(length, body, 'CONNECT evil.example:443 HTTP/1.1'),
    post(length, body, 'OPTIONS * HTTP/1.1'),
    post(length, body, 'GET \u0000 HTTP/1.1'),
    post(length, body, `GET /${'x'.repeat(70_000)} HTTP/1.1`),
    post(`X-Long: ${'h'.repeat(70_000)}\r\n`),
    post('X-Many: v\r\n'.repeat(3_000)),
    post(`Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n${length}`),
    'GET / HTTP/1.1\r\n\r\n',
    'GET /health HTTP/1.0\r\n\r\n',
    'GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET /health HTTP/1.1\r\nHost: x\r\n',
    'GET /hea',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\r\n\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  ]
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...texts).map((text) => Buffer.from(text, 'latin1')) },
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
      const bytes = Buffer.from(text, 'latin1')
      bytes[at % bytes.length] = byte
      return bytes
    }),
  )
}
