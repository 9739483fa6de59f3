import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type ApiFunction, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { lambdaContext } from '../../local/gateway.ts'
import { buildApp, openOutdir, removeOutdir } from './synthesise.ts'
import { functionsIn } from './template.ts'

/** The code that would be uploaded, run here: what a bundler leaves out is missed when it is loaded. */

type Handler = (event: unknown, context: unknown) => Promise<unknown>

const answer = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()) })

const TIMEOUT_MS = 10_000

const outdir = openOutdir()
const handlers = new Map<string, Handler>()

beforeAll(async () => {
  const { app, service } = buildApp('dev', outdir)
  app.synth()
  const template = Template.fromStack(service)
  for (const { id, name, Environment } of functionsIn(template)) {
    for (const setting of Object.keys(Environment.Variables)) vi.stubEnv(setting, 'a-setting')
    handlers.set(name, await load(assetOf(template, id)))
    vi.unstubAllEnvs()
  }
})

afterAll(() => {
  removeOutdir(outdir)
})

const guarded = Object.values<Route>(ROUTES).filter(({ access }) => access.kind !== 'public')

test('the bundle of every function can be loaded', () => {
  const loaded = Object.fromEntries(handlers)

  const handler = expect.any(Function)
  expect(loaded).toEqual({ write: handler, read: handler, admin: handler, sweep: handler })
})

test.each(guarded)('$method $path answers 401 in a new deployment', async (route) => {
  const { statusCode } = await send(route.function, routeKey(route), route.path)

  expect(statusCode).toBe(401)
})

test('the health of a new deployment can be asked by anybody', async () => {
  const { function: name, path } = ROUTES.health

  const { statusCode } = await send(name, routeKey(ROUTES.health), path)

  expect(statusCode).toBe(200)
})

test('an unknown path gets a problem for an answer', async () => {
  const { statusCode, headers } = await send('read', '$default', '/v1/nothing')

  expect(statusCode).toBe(404)
  expect(headers['content-type']).toBe('application/problem+json')
})

async function send(name: ApiFunction, key: string, path: string) {
  const handler = handlers.get(name)
  if (!handler) throw new Error(`there is no bundle of ${name}`)
  const [method] = key.split(' ')
  const event = {
    version: '2.0',
    routeKey: key,
    rawPath: path,
    headers: {},
    requestContext: { http: { method } },
    isBase64Encoded: false,
  }
  return answer.parse(await handler(event, lambdaContext(name, TIMEOUT_MS)))
}

async function load(asset: string): Promise<Handler> {
  const bundle: { handler: Handler } = await import(
    pathToFileURL(join(outdir, asset, 'index.mjs')).href
  )
  return bundle.handler
}

function assetOf(template: Template, functionId: string): string {
  const resource = template.findResources('AWS::Lambda::Function')[functionId]
  return `asset.${String(resource?.['Properties'].Code.S3Key).replace('.zip', '')}`
}
