import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type ApiFunction, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { lambdaContext } from '../../local/gateway.ts'
import { buildApp, openOutdir, removeOutdir, synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { functionsIn } from './template.ts'

/** The code that would be uploaded, run here: what a bundler leaves out is missed when it is loaded. */

type Handler = (event: unknown, context: unknown) => Promise<unknown>

const answer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})

const TIMEOUT_MS = 10_000

const FUNCTIONS = ['write', 'read', 'admin', 'ops', 'docs', 'sweep', 'audit']
const ALL_FUNCTIONS = [...FUNCTIONS, 'freeze', 'webhooks']
/** One and the same code, with what it is told when nothing is configured, and when everything is. */
const DEPLOYMENTS = [
  { deployment: 'a new deployment', given: {}, functions: FUNCTIONS },
  {
    deployment: 'a deployment with everything',
    given: WITH_EVERYTHING,
    functions: ALL_FUNCTIONS,
  },
]

const outdir = openOutdir()
const handlers = new Map<string, Handler>()
let bundles = new Map<string, string>()

beforeAll(async () => {
  const { app, service } = buildApp('dev', outdir, WITH_EVERYTHING)
  app.synth()
  bundles = assetsOf(Template.fromStack(service))
  for (const { deployment, given } of DEPLOYMENTS) {
    for (const { name, Environment } of functionsIn(synthesise('dev', given).service)) {
      stubSettings(Environment.Variables)
      handlers.set(`${name} of ${deployment}`, await load(bundles.get(name) ?? '', deployment))
      vi.unstubAllEnvs()
    }
  }
})

afterAll(() => {
  removeOutdir(outdir)
})

const guarded = Object.values<Route>(ROUTES).filter(({ access }) => access.kind !== 'public')

describe.each(DEPLOYMENTS)('in $deployment', ({ deployment, functions }) => {
  test('the bundle of every function can be loaded', () => {
    const loaded = functions.map((name) => handlers.get(`${name} of ${deployment}`))

    expect(loaded).toEqual(functions.map(() => expect.any(Function)))
  })

  test.each(guarded)('$method $path answers 401 to who brings nothing', async (route) => {
    const { statusCode } = await send(deployment, route)

    expect(statusCode).toBe(401)
  })

  test('anybody can ask how it is', async () => {
    const { statusCode } = await send(deployment, ROUTES.health)

    expect(statusCode).toBe(200)
  })

  test('anybody can read what the API is', async () => {
    const { statusCode, headers } = await send(deployment, ROUTES.openapi)

    expect(statusCode).toBe(200)
    expect(headers['content-type']).toBe('application/json')
  })

  test('an unknown path gets a problem for an answer', async () => {
    const unknown = { method: 'GET', path: '/v1/nothing', function: 'read' } as const

    const { statusCode, headers } = await send(deployment, unknown, { routeKey: '$default' })

    expect(statusCode).toBe(404)
    expect(headers['content-type']).toBe('application/problem+json')
  })
})

test('the page to read and try the API finds all its files beside its bundle', async () => {
  const page = await send('a new deployment', ROUTES.docs)
  const files = Array.from(page.body.matchAll(/docs\/([\w.-]+)\?v=/g), ([, file]) => file)

  const answers = await Promise.all(
    files.map((file) => send('a new deployment', ROUTES.docsFile, { pathParameters: { file } })),
  )

  expect(files).toContain('swagger-ui-bundle.js')
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(files.map(() => 200))
  expect(answers.filter(({ body }) => body === '')).toEqual([])
})

test.each(ALL_FUNCTIONS.filter((name) => name !== 'docs'))(
  'nothing but code is in the bundle of %s',
  (name) => {
    const files = readdirSync(join(outdir, bundles.get(name) ?? ''))

    expect(new Set(files)).toEqual(new Set(['index.mjs', 'index.mjs.map']))
  },
)

test('in a new deployment, no token is good for anything', async () => {
  const headers = { authorization: 'Bearer a.b.c' }

  const { statusCode } = await send('a new deployment', ROUTES.getWallet, { headers })

  expect(statusCode).toBe(401)
})

async function send(
  deployment: string,
  route: Pick<Route, 'method' | 'path'> & { readonly function: ApiFunction },
  parts: object = {},
) {
  const handler = handlers.get(`${route.function} of ${deployment}`)
  if (!handler) throw new Error(`there is no bundle of ${route.function}`)
  const event = {
    version: '2.0',
    routeKey: routeKey(route),
    rawPath: route.path,
    headers: {},
    requestContext: { http: { method: route.method, path: route.path, sourceIp: '192.0.2.1' } },
    isBase64Encoded: false,
    ...parts,
  }
  return answer.parse(await handler(event, lambdaContext(route.function, TIMEOUT_MS)))
}

/** What only CloudFormation knows can be anything here: a function that starts asks nobody for it. */
function stubSettings(variables: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(variables)) {
    vi.stubEnv(name, typeof value === 'string' ? value : 'a-setting')
  }
}

/** Anew for each deployment: a function reads its settings when it is loaded. */
async function load(asset: string, deployment: string): Promise<Handler> {
  const { href } = pathToFileURL(join(outdir, asset, 'index.mjs'))
  const bundle: { handler: Handler } = await import(`${href}?${encodeURIComponent(deployment)}`)
  return bundle.handler
}

function assetsOf(template: Template): Map<string, string> {
  const resources = template.findResources('AWS::Lambda::Function')
  return new Map(
    functionsIn(template).map(({ id, name }) => {
      const key = String(resources[id]?.['Properties'].Code.S3Key)
      return [name, `asset.${key.replace('.zip', '')}`]
    }),
  )
}
