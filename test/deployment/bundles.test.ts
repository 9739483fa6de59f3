import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type Bundle, bundlesIn } from '../../infra/bundling/measure.ts'
import { ISSUER, OPERATOR_AUDIENCE, PLAYER_AUDIENCE } from '../../local/issuer.ts'
import type { AwsCall } from '../support/aws.ts'
import { type Ended, ROLE_CREDENTIALS, startLambda } from '../support/lambda.ts'
import { traceOf } from '../support/runtime-api.ts'
import { type House, openHouse } from './house.ts'
import { buildApp, openOutdir, removeOutdir, synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { type DeployedFunction, functionsIn } from './template.ts'
import { TRIALS } from './trials.ts'
import { openWorld, type World } from './world.ts'

/** The code that would be uploaded, run as it would be: what a bundler leaves out is missed when it is needed. */

const WITH_LOCAL_ISSUER = {
  issuer: ISSUER,
  audience: PLAYER_AUDIENCE,
  operatorAudience: OPERATOR_AUDIENCE,
}

/** One and the same code, with what it is told when nothing is configured, and when everything is. */
const DEPLOYMENTS = [
  { deployment: 'a new deployment', given: {}, isIssuerTrusted: false },
  {
    deployment: 'a deployment with everything',
    given: { ...WITH_EVERYTHING, ...WITH_LOCAL_ISSUER },
    isIssuerTrusted: true,
  },
].map((one) => ({ ...one, functions: functionsIn(synthesise('dev', one.given).service) }))

const NAMES = DEPLOYMENTS.flatMap(({ functions }) => functions.map(({ name }) => name))
const ALL_NAMES = Array.from(new Set(NAMES))

/** Of code, a cold start reads and compiles all there is. */
const API_LIMIT_KB = 450
/** What they have and little more, so that who adds to it sees what it costs: `npm run bundles`. */
const LIMITS_KB: Readonly<Record<string, number>> = {
  write: API_LIMIT_KB,
  read: API_LIMIT_KB,
  admin: API_LIMIT_KB,
  ops: API_LIMIT_KB,
  docs: API_LIMIT_KB,
  sweep: 252,
  audit: 286,
  freeze: 229,
  webhooks: 251,
  watch: 254,
  canary: 236,
}
const KB = 1024

const SIGNED_BY_ROLE = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=${ROLE_CREDENTIALS.AWS_ACCESS_KEY_ID}/.*, SignedHeaders=[^,]*x-amz-security-token`,
)

const outdir = openOutdir()
let bundles = new Map<string, Bundle>()
let world: World

beforeAll(async () => {
  buildApp('dev', outdir, WITH_EVERYTHING).app.synth()
  bundles = new Map(bundlesIn(outdir).map((bundle) => [bundle.name, bundle]))
  world = await openWorld()
})

afterAll(async () => {
  await world.close()
  removeOutdir(outdir)
})

test('every handler is deployed', () => {
  const handlers = readdirSync('functions', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('handler.ts'))
    .map((file) => file.replace('/handler.ts', ''))

  expect(new Set(ALL_NAMES)).toEqual(new Set(handlers))
})

describe.each(DEPLOYMENTS)('in $deployment', ({ functions, isIssuerTrusted }) => {
  test.each(functions)(
    '$name starts on plain Node, answers what it is sent, and ends by itself',
    async ({ name }) => {
      const { steps, calls, outcome } = await trialOf(name)(world, { isIssuerTrusted })
      const asked = world.calls.length
      const house = await open(functions)

      const answers = []
      for (const { sent, send } of steps) answers.push({ sent, answer: await send(house) })
      const ended = await house.close()

      expect(answers).toMatchObject(steps.map(({ sent, answer }) => ({ sent, answer })))
      await outcome?.()
      expect(ended).toHaveProperty(name)
      expect(Object.entries(ended).filter(isUnclean)).toEqual([])
      const made = world.calls.slice(asked)
      expect(new Set(made.map(serviceOf))).toEqual(new Set(calls))
      expect(made.filter((call) => !isSignedByRole(call))).toEqual([])
    },
  )
})

test('the page to read and try the API finds all its files beside its bundle', async () => {
  const { urls, close } = await open(DEPLOYMENTS[0]?.functions ?? [])
  const page = await (await fetch(`${urls.http}/docs`)).text()
  const files = Array.from(page.matchAll(/docs\/([\w.-]+)\?v=/g), ([, file]) => file)

  const answers = await Promise.all(files.map((file) => fetch(`${urls.http}/docs/${file}`)))

  const texts = await Promise.all(answers.map((answer) => answer.text()))
  await close()
  expect(files).toContain('swagger-ui-bundle.js')
  expect(answers.map(({ status }) => status)).toEqual(files.map(() => 200))
  expect(texts).not.toContain('')
})

test.each(ALL_NAMES)('the bundle of %s is no bigger than it has to be', (name) => {
  const { minifiedBytes } = bundleOf(name)

  expect(minifiedBytes / KB).toBeLessThanOrEqual(LIMITS_KB[name] ?? 0)
})

test.each(ALL_NAMES.filter((name) => name !== 'docs'))(
  'nothing but code is in the bundle of %s',
  (name) => {
    const files = readdirSync(bundleOf(name).folder)

    expect(new Set(files)).toEqual(new Set(['index.mjs', 'index.mjs.map']))
  },
)

function trialOf(name: string) {
  const trial = TRIALS[name]
  if (!trial) throw new Error(`nothing says what ${name} is sent: trials.ts`)
  return trial
}

function bundleOf(name: string): Bundle {
  const bundle = bundles.get(name)
  if (!bundle) throw new Error(`there is no bundle of ${name}`)
  return bundle
}

/** The functions of a deployment, none of which runs yet. */
function open(functions: readonly DeployedFunction[]): Promise<House> {
  return openHouse((name, { http }) => {
    const { Handler, Timeout, Environment } = functionNamed(functions, name)
    return startLambda({
      name,
      bundle: bundleOf(name).folder,
      handler: Handler,
      timeoutMs: Timeout * 1000,
      environment: {
        ...settingsOf(Environment.Variables, { ...world.settings, CANARY_URL: http }),
        AWS_ENDPOINT_URL: world.awsEndpoint,
      },
    })
  })
}

function functionNamed(functions: readonly DeployedFunction[], wanted: string): DeployedFunction {
  const found = functions.find(({ name }) => name === wanted)
  if (!found) throw new Error(`there is no function ${wanted}`)
  return found
}

/** As the template has them; what only CloudFormation knows, or is elsewhere, is as this world has it. */
function settingsOf(
  variables: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const setting = known[name] ?? value
      if (typeof setting !== 'string') throw new Error(`nothing says what ${name} is: world.ts`)
      return [name, setting]
    }),
  )
}

/** One that had to be killed, or said what nobody reads. */
function isUnclean([, { exitCode, stdout, stderr }]: [string, Ended]): boolean {
  const lines = stdout.split('\n').filter((line) => line !== '')
  return exitCode !== 0 || stderr !== '' || !lines.every(isLog)
}

const logged = z.union([
  z.looseObject({ _aws: z.unknown() }),
  z
    .looseObject({
      level: z.string(),
      function_request_id: z.string().optional(),
      xray_trace_id: z.string().optional(),
    })
    .refine(isTraced),
])

/** Of the function's log, or of its metrics. */
function isLog(line: string): boolean {
  try {
    return logged.safeParse(JSON.parse(line)).success
  } catch {
    return false
  }
}

interface Line {
  readonly function_request_id?: string | undefined
  readonly xray_trace_id?: string | undefined
}

/** A warm instance has to say of each invocation what it belongs to, and not of its first. */
function isTraced({ function_request_id: id, xray_trace_id: trace }: Line): boolean {
  return id === undefined || trace?.endsWith(`-${traceOf(id)}`) === true
}

function serviceOf({ target }: AwsCall): string | undefined {
  return target.split('.')[0]
}

/** With the credentials that Lambda gives, the token of their session included. */
function isSignedByRole({ headers }: AwsCall): boolean {
  return (
    headers['x-amz-security-token'] === ROLE_CREDENTIALS.AWS_SESSION_TOKEN &&
    SIGNED_BY_ROLE.test(headers.authorization ?? '')
  )
}
