/** What hostile requests are made of: as it stands in JSON, or on the wire. */

const words = (text: string) => text.trim().split(/\s+/)
const lines = (text: string) => text.trim().split(/\n\s*/)

export const NUMBERS = [
  ...words(`
    1e400 -1e400 1e-400 1e999999999999 9007199254740992 9007199254740993 99999999999999999999
    -9007199254740993 1.7976931348623157e308 5e-324 -0 0e0 1E+2 0x10 1_000
  `),
  '9'.repeat(400),
  `0.${'0'.repeat(5_000)}1`,
  `1${'0'.repeat(20_000)}`,
]

export const NAMES = words(String.raw`
  "__proto__":{"amount":1} "__proto__":null "constructor":{"prototype":{"amount":1}} "prototype":{}
  "toString":"x" "hasOwnProperty":1 "\u005f_proto__":{"x":1} "metadata":{"__proto__":"x"}
  "metadata":{"constructor":"x"} "":1 "\u0000":1 "amount":1 "amount":1,"amount":2 "$where":"1"
  "#pk":"W#alice" ":seq":1
`)

export const TEXTS = [
  ...lines(String.raw`
    \u0000
    \u0008\u001b[31m
    \r\nX-Injected: 1
    \ud800
    \udc00\ud800
    \uffff
    '; DROP TABLE Ledger; --
    <script>alert(1)</script>
    {{7*7}}
    $\{jndi:ldap://x}
    %s%n%x
    $ref:#/
    =cmd|calc
    ../../etc/passwd
    W#alice
    T#txn
    \\
    \x41
    \u12
  `),
  ...['\u2028\u2029', '\u202etxet', '\ufeff', 'a\u0301'.repeat(20), '\u{1f468}\u200d\u{1f469}'],
  ...['\u0000', '\t', '\n'],
]

/** No UTF-8, or not in its shortest form; and what other formats begin with. */
export const BYTES = words(`
  ff feff c0af c1bf e080af eda080 edb080eda080 f0808080 f4908080 f888808080 80 e282 00 0b 1f8b08
`).map((hex) => Buffer.from(hex, 'hex'))

/** In place of one part of a path. */
export const TRICKS = [
  ...words(`
    .. . %2e%2e %2E%2E%2F ..%2f..%2fetc%2fpasswd ..%5c.. ..; %252e%252e %00 alice%00 %0d%0aX-Injected:%201 %0a
    %zz % %2 %u0041 %c0%ae%c0%ae %ff %ed%a0%80 %e2%82 alice%23 alice%2fbonus alice%3fx %61lice alice;x=1
    alice,bob @treasury %40treasury * {walletId} %7BwalletId%7D __proto__ constructor W%23alice ~ "
    alice+bob alice'--
  `),
  'a'.repeat(65),
  'a'.repeat(300),
  'a'.repeat(3_000),
  '%41'.repeat(700),
  '',
]

export const PATHS = words(String.raw`
  / // ///v1//wallets /v1 /v1/ /v2/wallets/alice /V1/WALLETS/alice /v1/wallets /v1/wallets/ /v1/wallets/alice/
  /v1/wallets/alice/topup/ /v1/wallets/../assets /v1/./assets /v1/wallets/alice/../bob /v1;x/assets
  /v1/wallets/alice/topup%20 /v1/wallets/alice%2Ftopup /v1/transactions/txn_/reverse /v1/assets/gold
  /v1/wallets/alice/holds/x/capture /docs/../package.json /docs/..%2f..%2fpackage.json /docs/%2e%2e/handler.ts
  /docs/.env /docs/page.css%00.js /docs/constructor /docs/__proto__ /docs/page.css/.. /openapi.json/ /.env
  /.git/config /admin /metrics/ /health/ready/now /favicon.ico /server-status /%2e%2e /* /\..\.. /$default
  /2015-03-31/functions/function/invocations
`)

export const QUERIES = [
  ...words(`
    & = == &&& ? # % %zz=1 %00=%00 limit=%ff limit=%ed%a0%80 limit=1&limit=2 limit[]=1 limit[$gt]=1
    __proto__=1 __proto__[x]=1 constructor.prototype.x=1 limit=1;order=asc limit=1e1 limit=00 limit=%201
    limit=%D9%A1 from=0 from=9999999999999 from=%2B275760-09-13 to=0000-01-01 from=2026-01-01T00:00:00%2B25:00
    at=1969-12-31 at=-000001-01-01 at=9999-12-31T23:59:59Z cursor= cursor=AAAA cursor=.. cursor=%00
    consistent=1 consistent=TRUE consistent= asset= asset=gold type=spend order=random v=../x
  `),
  '',
  `cursor=${'A'.repeat(1_024)}`,
  `cursor=${'A'.repeat(1_025)}`,
]

/** All that a server's parser knows; others never get to us. */
export const METHODS = words(`
  DELETE PATCH OPTIONS HEAD TRACE PUT POST GET PROPFIND MKCOL LOCK PURGE REPORT SEARCH LINK COPY SUBSCRIBE QUERY
`)
