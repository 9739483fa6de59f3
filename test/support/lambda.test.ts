import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Lambda, startLambda } from './lambda.ts'

/** A runtime that hides what a bundle does wrong would prove nothing about it. */

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function start(code: string): Promise<Lambda> {
  const bundle = mkdtempSync(join(tmpdir(), 'strongbox-bundle-'))
  folders.push(bundle)
  writeFileSync(join(bundle, 'index.mjs'), code)
  const options = { name: 'tried', bundle, handler: 'index.handler', timeoutMs: 1_000 }
  return startLambda({ ...options, environment: { GREETING: 'hello' } })
}

test('a handler gets its event, its context and its environment', async () => {
  const lambda = await start(`export const handler = async ({ name }, context) => ({
    said: process.env.GREETING + ' ' + name,
    hasTime: context.getRemainingTimeInMillis() > 0,
    mayUse: Object.keys(process.env).filter((key) => /VITEST|npm_/.test(key)),
  })`)

  const answers = [await lambda.invoke({ name: 'alice' }), await lambda.invoke({ name: 'bob' })]
  const { exitCode } = await lambda.end()

  const rest = { hasTime: true, mayUse: [] }
  expect(answers).toEqual([
    { said: 'hello alice', ...rest },
    { said: 'hello bob', ...rest },
  ])
  expect(exitCode).toBe(0)
})

test.each([
  ['throws', `export const handler = async () => { throw new TypeError('no such thing') }`],
  ['cannot be loaded', `throw new TypeError('no such thing')`],
  [
    'ends its process',
    `export const handler = () => { console.error('no such thing'); process.exit(7) }`,
  ],
])('that a handler %s is not kept from the test', async (_, code) => {
  const lambda = await start(code)

  const invoked = lambda.invoke({})

  await expect(invoked).rejects.toThrow('no such thing')
  await lambda.end()
})

test.each([
  ['needs a package that is not in its bundle', `import 'zod'; export const handler = () => {}`],
  ['takes a callback', 'export const handler = (event, context, callback) => callback()'],
  ['is not there', 'export const other = () => {}'],
])('a handler that %s does not run', async (_, code) => {
  const lambda = await start(code)

  const invoked = lambda.invoke({})

  await expect(invoked).rejects.toThrow(/ended with 1/)
  await lambda.end()
})
