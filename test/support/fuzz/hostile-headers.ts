import fc from 'fast-check'

/** Headers that try to be something else, and credentials that are none. */

export const HEADERS = fc.constantFrom<Record<string, string | string[]>>(
  { host: '' },
  { host: 'evil.example' },
  { host: 'a, b' },
  { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'evil.example', forwarded: 'for=_x' },
  { 'x-http-method-override': 'PUT', 'x-method-override': 'DELETE', 'x-original-url': '/metrics' },
  { 'x-amzn-requestid': 'mine', 'x-request-id': 'mine', 'x-amz-date': 'now' },
  { origin: 'null', 'access-control-request-method': 'DELETE' },
  { origin: 'https://evil.example', referer: 'https://evil.example' },
  { cookie: 'token=admin', 'x-user': 'admin', 'x-scopes': 'wallet:admin' },
  { __proto__x: '1', constructor: '1', 'x-__proto__': '1' },
  { 'user-agent': '\u00ff\u00fe\u0080', 'x-latin': 'caf\u00e9' },
  { 'idempotency-key': '\u00e9\u00e8' },
  { 'idempotency-key': '__proto__' },
  { 'idempotency-key': `"${'\\"'.repeat(255)}"` },
  { 'idempotency-key': `"${'\\\\'.repeat(256)}"` },
  { 'idempotency-key': 'a,b,c' },
  { 'if-none-match': `"${'e'.repeat(4_000)}"` },
  { 'content-type': 'application/json; charset=utf-7' },
  { 'content-type': 'application/json\t;x' },
  { 'content-type': `application/json;${' '.repeat(3_000)}` },
  { 'content-type': '__proto__' },
  { expect: '100-continue' },
  { te: 'trailers', 'max-forwards': '0', via: '1.1 x' },
  { 'content-digest': 'sha-256=:AAAA:' },
  {
    'sec-fetch-site': 'cross-site',
    dnt: '1',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAAP__',
  },
)

const JWT_HEADERS = [
  '{"alg":"none"}',
  '{"alg":"HS256","kid":"../../dev/null"}',
  '{"alg":"ES256","jku":"http://evil"}',
  '{}',
  '[]',
  'null',
  '{"alg":"ES256","crit":["x"]}',
]

const base64url = (text: string) => Buffer.from(text).toString('base64url')

export const CREDENTIALS = fc.oneof(
  fc.constantFrom<Record<string, string | string[]>>(
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer  ' },
    { authorization: 'Bearer a b' },
    { authorization: 'Basic YWRtaW46YWRtaW4=' },
    { authorization: `Bearer ${'a'.repeat(7_000)}` },
    { authorization: `Bearer ${'.'.repeat(3_000)}` },
    { authorization: ['Bearer x', 'Bearer y'] },
    { authorization: 'Bearer \u00ff\u00fe' },
    { authorization: 'Bearer x', signature: 'sig=:AA==:' },
    { signature: 'sig=:AA==:' },
    { signature: '', 'signature-input': '' },
    { 'signature-input': 'sig=();created=1;keyid="dev"' },
    { 'signature-input': `sig=(${'"@method" '.repeat(500)});created=1`, signature: 'sig=:AA==:' },
    {
      'signature-input': 'sig=("@method" "@path");created=1e9;keyid="dev"',
      signature: 'sig=:AA==:',
    },
    {
      'signature-input': 'sig=("@method";req "@path");created=1;keyid="dev"',
      signature: 'sig=:AA==:',
    },
    {
      'signature-input': '__proto__=("@method");created=1;keyid="dev"',
      signature: '__proto__=:AA==:',
    },
    {
      'signature-input': 'sig=("@method" "@path");created=99999999999999999;keyid="dev"',
      signature: 'sig=:AA==:',
    },
    {
      'signature-input': 'sig=("@method" "@path");created=1;keyid="__proto__"',
      signature: 'sig=:AA==:',
    },
    { 'signature-input': '((((', signature: '::::' },
  ),
  fc
    .tuple(
      fc.constantFrom(...JWT_HEADERS),
      fc.json({ maxDepth: 2 }),
      fc.base64String({ maxLength: 90 }),
    )
    .map(([header, claims, signature]) => ({
      authorization: `Bearer ${base64url(header)}.${base64url(claims)}.${signature.replaceAll('=', '')}`,
    })),
  fc
    .tuple(
      fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    )
    .map(([input, signature]) => ({ 'signature-input': input, signature })),
)
