import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { synthesise, WITH_EVERYTHING } from './synthesise.ts'
import { aliasOf, functionsIn } from './template.ts'

const ALIAS = 'AWS::Lambda::Alias'
const GROUP = 'AWS::CodeDeploy::DeploymentGroup'
/** One in ten of their runs is one in an hour. */
const BY_THE_CLOCK = ['watch', 'canary']
const CALLERS = [
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventSourceMapping',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGateway::Method',
  'AWS::Events::Rule',
]

test.each(['http', 'rest'] as const)(
  'with the edge %s, everything calls a function by the name of the version that is live',
  (edge) => {
    const { service } = synthesise('prod', { ...WITH_EVERYTHING, edge })

    const calls = CALLERS.flatMap((type) => Object.values(service.findResources(type)))

    const ids = functionsIn(service).map(({ id }) => id)
    const past = ids.filter((id) => JSON.stringify(calls).includes(`"${id}"`))
    const named = functionsIn(service).filter((lambda) =>
      JSON.stringify(calls).includes(`"${aliasOf(service, lambda)}"`),
    )
    expect(past).toEqual([])
    expect(named).toHaveLength(ids.length)
  },
)

test('a version that was live is kept, to go back to', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const versions = Object.values(service.findResources('AWS::Lambda::Version'))

  expect(versions).toHaveLength(functionsIn(service).length)
  for (const version of versions) {
    expect(version).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
  }
})

test('in prod, a new version of a function that something wakes gets one request in ten, and all of them later', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const groups = service.findResources(GROUP)
  const updates = Object.values(service.findResources(ALIAS)).map(
    ({ UpdatePolicy }) => UpdatePolicy?.CodeDeployLambdaAliasUpdate.DeploymentGroupName.Ref,
  )

  expect(new Set(updates)).toEqual(new Set([...Object.keys(groups), undefined]))
  expect(Object.keys(groups)).toHaveLength(functionsIn(service).length - BY_THE_CLOCK.length)
  for (const { Properties } of Object.values(groups)) {
    expect(Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent10Minutes',
      DeploymentStyle: {
        DeploymentType: 'BLUE_GREEN',
        DeploymentOption: 'WITH_TRAFFIC_CONTROL',
      },
    })
  }
})

test('with the alarm of its function, or of the API as a whole, it goes back by itself', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const groups = Object.values(service.findResources(GROUP)).map(({ Properties }) => Properties)

  const apiFails = alarmNamed(service, 'ApiFails')
  const watched = groups.map(({ AlarmConfiguration }) => {
    const names = AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref)
    expect(AlarmConfiguration.Enabled).toBe(true)
    expect(names).toHaveLength(2)
    expect(names).toContain(apiFails)
    return names.find((name: string) => name !== apiFails)
  })
  const ofFunctions = functionsIn(service)
    .filter(({ name }) => !BY_THE_CLOCK.includes(name))
    .map(({ name }) => alarmNamed(service, `${name.charAt(0).toUpperCase()}${name.slice(1)}Dies`))
  expect(new Set(watched)).toEqual(new Set(ofFunctions))
  for (const { AutoRollbackConfiguration } of groups) {
    expect(AutoRollbackConfiguration).toEqual({
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
    })
  }
})

test('with another release, the same code is another version', () => {
  const ids = (release: string) => {
    const { service } = synthesise('prod', { release })
    return Object.keys(service.findResources('AWS::Lambda::Version'))
  }

  const [first, again, second] = [ids('2026-11-21'), ids('2026-11-21'), ids('2026-11-21b')]

  expect(first).toEqual(again)
  expect(first.filter((id) => second.includes(id))).toEqual([])
})

test('in dev, a new version is live at once', () => {
  const { service } = synthesise('dev', WITH_EVERYTHING)

  const policies = Object.values(service.findResources(ALIAS)).map(
    ({ UpdatePolicy }) => UpdatePolicy,
  )

  expect(service.findResources(GROUP)).toEqual({})
  expect(policies).toEqual(policies.map(() => undefined))
})

function alarmNamed(template: Template, id: string): string {
  const found = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).find(
    ([, { Properties }]) => Properties.AlarmName === `strongbox-prod-${id}`,
  )
  if (!found) throw new Error(`there is no alarm ${id}`)
  return found[0]
}
