import type { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { STAGES } from '../../infra/settings.ts'
import { synthesise } from './synthesise.ts'
import { allStatementsIn, functionNamed } from './template.ts'

const MINUTE_SECONDS = 60

test.each(STAGES)('in %s overdue holds are swept every minute', (stage) => {
  const { service } = synthesise(stage)

  const schedules = propertiesIn(service, 'AWS::Scheduler::Schedule')

  expect(schedules).toMatchObject([
    {
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { 'Fn::GetAtt': [sweepIn(service).id, 'Arn'] } },
    },
  ])
})

test('a sweep that fails is tried again by nobody: the next one finds what it left', () => {
  const { service } = synthesise('prod')

  const [schedule] = propertiesIn(service, 'AWS::Scheduler::Schedule')
  const asynchronous = propertiesIn(service, 'AWS::Lambda::EventInvokeConfig')

  expect(schedule).toMatchObject({ Target: { RetryPolicy: { MaximumRetryAttempts: 0 } } })
  expect(asynchronous).toMatchObject([
    {
      FunctionName: { Ref: sweepIn(service).id },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: MINUTE_SECONDS,
    },
  ])
})

test('a sweep is over when the next one starts', () => {
  const { service } = synthesise('prod')

  const { Timeout } = sweepIn(service)

  expect(Timeout).toBe(MINUTE_SECONDS)
})

test('the scheduler may call the sweep, and no other function', () => {
  const { service } = synthesise('prod')

  const calls = allStatementsIn(service).filter(({ Action }) => /^lambda:/.test(String(Action)))

  const arn = { 'Fn::GetAtt': [sweepIn(service).id, 'Arn'] }
  const anyVersion = { 'Fn::Join': ['', [arn, ':*']] }
  expect(calls).toEqual([
    { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arn, anyVersion] },
  ])
})

function sweepIn(template: Template) {
  return functionNamed(template, 'sweep')
}

function propertiesIn(template: Template, type: string): unknown[] {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'])
}
