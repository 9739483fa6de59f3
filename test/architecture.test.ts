import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const IMPORT =
  /(?:^|\s)(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm

/** Which part of the house may use which: design as a test. A part may always use itself. */
const MAY_USE: Record<string, readonly string[]> = {
  'lib/money': [],
  'lib/store': ['lib/money'],
  'lib/ledger': ['lib/store', 'lib/money'],
  'lib/audit': ['lib/store', 'lib/money'],
  'lib/webhooks': ['lib/audit/events.ts'],
  'lib/http': ['lib/ledger', 'lib/audit', 'lib/store', 'lib/money'],
  'lib/smoke': ['lib/http/auth'],
  functions: [
    'lib/http',
    'lib/ledger',
    'lib/audit',
    'lib/webhooks',
    'lib/smoke',
    'lib/store',
    'lib/money',
    'docs/openapi.json',
  ],
  infra: [
    'lib/http/routes.ts',
    'lib/http/rates.ts',
    'lib/http/cors.ts',
    'lib/http/problem.ts',
    'lib/audit/stream-mapping.ts',
    'lib/store/tables.ts',
    'cdk.json',
  ],
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
}

function importsOf(source: string): string[] {
  const text = readFileSync(join(ROOT, source), 'utf8')
  return Array.from(text.matchAll(IMPORT), ([, from, dynamic]) => from ?? dynamic ?? '')
}

test.each(Object.entries(MAY_USE))('%s uses only what is below it', (part, allowed) => {
  const used = sourcesIn(part).flatMap((source) =>
    importsOf(source)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(ROOT, join(ROOT, dirname(source), specifier)))
      .filter((target) => ![part, ...allowed].some((place) => isIn(target, place)))
      .map((target) => `${source} -> ${target}`),
  )

  expect(sourcesIn(part)).not.toEqual([])
  expect(used).toEqual([])
})

test('money is pure: it uses nothing but hashing', () => {
  const used = sourcesIn('lib/money').flatMap((source) =>
    importsOf(source).filter((specifier) => !specifier.startsWith('.')),
  )

  expect(new Set(used)).toEqual(new Set(['node:crypto']))
})

/** Each is the only one that sends to its service. */
const SENDERS = [
  'lib/store',
  'lib/audit/table',
  'lib/audit/publish-to-eventbridge.ts',
  'lib/webhooks/queue.ts',
  'functions/secrets-manager.ts',
]

test('each service of AWS is known to one place', () => {
  const others = ['lib', 'functions']
    .flatMap(sourcesIn)
    .filter((source) => !SENDERS.some((place) => isIn(source, place)))

  const users = others.filter((source) =>
    importsOf(source).some((specifier) => specifier.startsWith('@aws-sdk/')),
  )

  expect(users).toEqual([])
})

/** docs/adr/0017-a-bundle-holds-what-it-uses.md */
test('what is deployed takes the small edition of zod', () => {
  const users = ['lib', 'functions']
    .flatMap(sourcesIn)
    .filter((source) => importsOf(source).includes('zod'))

  expect(users).toEqual([])
})

/** docs/adr/0017-a-bundle-holds-what-it-uses.md */
test('what is deployed does not load node:http, and all of fetch with it, when it starts', () => {
  const importsHttp = /^import (?!type\b)[^'"]*from 'node:http'$/m

  const users = ['lib', 'functions']
    .flatMap(sourcesIn)
    .filter((source) => importsHttp.test(readFileSync(join(ROOT, source), 'utf8')))

  expect(users).toEqual([])
})

/** docs/adr/0017-a-bundle-holds-what-it-uses.md */
test('what is deployed knows the schemas of answers as types only', () => {
  const importsAnswers =
    /^import (?!type\b)[^'"]*from '[^']*(?:answer-schemas|route-answers)\.ts'$/m
  const ofDocument = [
    'lib/http/openapi',
    'lib/http/route-answers.ts',
    'lib/http/audit-answer-schemas.ts',
  ]

  const users = ['lib', 'functions']
    .flatMap(sourcesIn)
    .filter((source) => !ofDocument.some((place) => isIn(source, place)))
    .filter((source) => importsAnswers.test(readFileSync(join(ROOT, source), 'utf8')))

  expect(users).toEqual([])
})

function isIn(target: string, place: string): boolean {
  return target === place || target.startsWith(`${place}/`)
}
