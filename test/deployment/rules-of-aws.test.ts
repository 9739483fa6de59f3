import { Annotations, Match } from 'aws-cdk-lib/assertions'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { afterEach, describe, expect, test } from 'vitest'
import { checkByRulesOfAws } from '../../infra/rules-of-aws.ts'
import { EDGES, STAGES } from '../../infra/settings.ts'
import {
  buildApp,
  type Given,
  openOutdir,
  removeOutdir,
  WITH_EVERYTHING,
  WITH_NAMES,
  WITH_REST,
  WITHOUT_BUNDLES,
} from './synthesise.ts'

const EVERYTHING = {
  http: { ...WITH_EVERYTHING, ...WITH_NAMES },
  rest: { ...WITH_EVERYTHING, ...WITH_REST },
}
const outdirs: string[] = []

afterEach(() => {
  for (const outdir of outdirs.splice(0)) removeOutdir(outdir)
})

describe.each(STAGES)('in %s', (stage) => {
  test.each(
    EDGES.flatMap((edge) => [{ edge }, EVERYTHING[edge]].map((given) => ({ edge, given }))),
  )(
    'with $given, no rule is broken without a reason, and the CDK warns of nothing',
    ({ edge, given }) => {
      const { app, data, service } = build(stage, { ...given, edge })

      const synthesise = () => app.synth()

      expect(synthesise).not.toThrow()
      for (const stack of [data, service]) {
        const annotations = Annotations.fromStack(stack)
        expect(annotations.findWarning('*', Match.anyValue())).toEqual([])
        expect(annotations.findError('*', Match.anyValue())).toEqual([])
      }
    },
  )
})

test('what breaks a rule and does not say why is not synthesized', () => {
  const { app, service } = build('dev', {})
  new Queue(service, 'WithoutTls')

  const synthesise = () => app.synth()

  expect(synthesise).toThrow(/SQS queue does not require requests to use SSL.*AwsSolutions-SQS4/s)
})

function build(stage: (typeof STAGES)[number], given: Given) {
  const outdir = openOutdir()
  outdirs.push(outdir)
  const built = buildApp(stage, outdir, given, WITHOUT_BUNDLES)
  checkByRulesOfAws(built.app)
  return built
}
