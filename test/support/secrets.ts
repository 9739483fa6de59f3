/** What must be in no log, whoever wrote it. */

export interface Leak {
  readonly what: string
  readonly line: string
}

/** A 256-bit value in base64 is a secret, a signature or a digest, and no log needs any of them. */
const PATTERNS: readonly [string, RegExp][] = [
  ['a token', /eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['an Authorization value', /\b(?:Bearer|Basic) [\w.~+/=-]{8,}/i],
  ['an Authorization value', /"authorization":"(?!\[redacted\]")/i],
  ['a signature', /[\w-]+=:[A-Za-z0-9+/]+={0,2}:/],
  ['a signature', /"signature(?:-input)?":"(?!\[redacted\]")/i],
  ['a secret', /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)/],
]

export function findLeaks(text: string, knownSecrets: readonly string[]): Leak[] {
  return text.split('\n').flatMap((line) => {
    const known = knownSecrets.filter((secret) => line.includes(secret)).map(() => 'a known secret')
    const found = PATTERNS.filter(([, pattern]) => pattern.test(line)).map(([what]) => what)
    return [...known, ...found].map((what) => ({ what, line }))
  })
}
