import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { STAGES } from '../../infra/settings.ts'
import { type DeployedStack, deployInMemory } from './in-memory/deploy.ts'
import { isOfWrongKind, placesIn } from './in-memory/places.ts'
import { problemsOf } from './in-memory/specification.ts'
import {
  buildApp,
  CERTIFICATE,
  openOutdir,
  removeOutdir,
  synthesise,
  WITH_EVERYTHING,
  WITH_NAMES,
  WITH_REST,
} from './synthesise.ts'

/**
 * What would be uploaded, put together as CloudFormation does it, by CloudFormation's own description of its types:
 * nothing refers to something that is not there, and nobody has to do anything by hand in between.
 */

const EVERYTHING = {
  http: { ...WITH_EVERYTHING, ...WITH_NAMES },
  rest: {
    ...WITH_EVERYTHING,
    ...WITH_REST,
    domainName: WITH_NAMES.domainName,
    certificateArn: CERTIFICATE,
  },
}
const DEPLOYMENTS = STAGES.flatMap((stage) =>
  Object.entries(EVERYTHING).map(([edge, given]) => ({ stage, edge, given })),
)

/** What is no resource of ours, and has not to be. */
const OF_OTHERS = new Set([
  // The person who hears of alarms.
  'AWS::SNS::Subscription.Endpoint',
  // The bootstrap's bucket.
  'AWS::Lambda::Function.Code.S3Bucket',
  // Services of AWS, and policies that AWS keeps.
  'AWS::Lambda::Permission.Principal',
  'AWS::IAM::Role.ManagedPolicyArns',
  // Names, and the name is not the thing.
  'AWS::Lambda::EventInvokeConfig.Qualifier',
  'AWS::CodeDeploy::Application.ApplicationName',
])

/** CloudFormation takes no more. */
const MOST_RESOURCES = 500
const MOST_BYTES = 1_000_000

const manifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
})
const lambda = z.object({
  Type: z.string(),
  Properties: z.object({ Code: z.object({ S3Key: z.string() }) }),
})

describe.each(DEPLOYMENTS)('in $stage, with a $edge API and everything', ({ stage, given }) => {
  let templates: readonly Record<string, unknown>[]
  let stacks: readonly DeployedStack[]

  beforeAll(() => {
    const { data, service } = synthesise(stage, given)
    templates = [data.toJSON(), service.toJSON()]
    const before = deployInMemory(templates[0])
    stacks = [before, deployInMemory(templates[1], [before])]
  })

  test('all can be made from nothing, one after the other, the data first', () => {
    const made = stacks.map(({ resources }) => new Set(resources.map(({ id }) => id)))

    const wanted = templates.map(({ Resources }) => new Set(Object.keys(Object(Resources))))
    expect(made).toEqual(wanted)
  })

  test('nothing is asked for but the version of the bootstrap, which says where it is', () => {
    const asked = templates.map(({ Parameters }) => Parameters)

    const version = expect.objectContaining({
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/cdk-bootstrap/hnb659fds/version',
    })
    expect(asked).toEqual([{ BootstrapVersion: version }, { BootstrapVersion: version }])
  })

  test('every property that CloudFormation needs is there, and none that it does not know', () => {
    const problems = stacks.flatMap(({ resources }) =>
      resources.flatMap(({ id, type, properties }) =>
        problemsOf(type, properties).map((problem) => `${id}: ${problem}`),
      ),
    )

    expect(problems).toEqual([])
  })

  test('where a role, a stream, a function or anything else belongs, there is one of them', () => {
    const wrong = placesIn(stacks).filter(isOfWrongKind)

    expect(wrong).toEqual([])
  })

  test('what is not made here is known, and nobody has to make it by hand', () => {
    const fromElsewhere = placesIn(stacks).filter(({ origins }) => origins.length === 0)

    const unknown = fromElsewhere.filter(({ path }) => !OF_OTHERS.has(path))
    expect(unknown).toEqual([])
  })

  test('CloudFormation takes that much', () => {
    const sizes = templates.map((template) => JSON.stringify(template).length)

    expect(Math.max(...sizes)).toBeLessThan(MOST_BYTES)
    expect(Math.max(...stacks.map(({ resources }) => resources.length))).toBeLessThan(
      MOST_RESOURCES,
    )
  })

  test('every output has a value', () => {
    const values = stacks.flatMap(({ outputs }) => Array.from(outputs.values()))

    expect(values).not.toEqual([])
    for (const value of values) expect(value).toMatch(/^[^${}]+$/)
  })
})

describe('the code', () => {
  const outdir = openOutdir()

  beforeAll(() => {
    buildApp('prod', outdir, EVERYTHING.rest).app.synth()
  })

  afterAll(() => {
    removeOutdir(outdir)
  })

  test('of every function is among the files that are uploaded, and is there', () => {
    const files = filesOf(outdir, 'strongbox-prod-service')

    const keys = codeIn(outdir, 'strongbox-prod-service')

    expect(keys).not.toEqual([])
    const missing = keys.filter((key) => !existsSync(join(outdir, files.get(key) ?? 'no file')))
    expect(missing).toEqual([])
  })
})

/** By the keys that they are uploaded under. */
function filesOf(outdir: string, stack: string): Map<string, string> {
  const { files } = manifest.parse(read(outdir, `${stack}.assets.json`))
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, source.path] as const),
    ),
  )
}

function codeIn(outdir: string, stack: string): string[] {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.unknown()) })
    .parse(read(outdir, `${stack}.template.json`))
  return Object.values(Resources).flatMap((resource) => {
    const read = lambda.safeParse(resource)
    return read.success && read.data.Type === 'AWS::Lambda::Function'
      ? [read.data.Properties.Code.S3Key]
      : []
  })
}

function read(outdir: string, file: string): unknown {
  return JSON.parse(readFileSync(join(outdir, file), 'utf8'))
}
