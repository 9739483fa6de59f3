import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../lib/audit/events.ts'
import { SEND_TIMEOUT_MS } from '../../lib/webhooks/deliver.ts'
import { parseEndpoints } from '../../lib/webhooks/endpoints.ts'
import { MAX_RECEIVES } from '../../lib/webhooks/retries.ts'
import { synthesise } from './synthesise.ts'
import { aliasNameIn, aliasOf, functionNamed, functionsIn } from './template.ts'

const RULE = 'AWS::Events::Rule'
const QUEUE = 'AWS::SQS::Queue'
const DAYS_14_SECONDS = 14 * 24 * 60 * 60
const HOUR_SECONDS = 60 * 60

test('there is one bus, nobody listens, and nothing is frozen or sent', () => {
  const { service } = synthesise('prod')

  const buses = propertiesIn(service, 'AWS::Events::EventBus')
  const names = functionsIn(service).map(({ name }) => name)

  expect(buses).toMatchObject([{ Name: 'strongbox-prod' }])
  expect([...listenersIn(service), ...propertiesIn(service, QUEUE)]).toEqual([])
  expect(names.filter((name) => ['freeze', 'webhooks'].includes(name))).toEqual([])
})

test('who projects tells the same bus, under the name that rules look for', () => {
  const { service } = synthesise('prod')

  const told = ['audit', 'ops'].map((name) => {
    const { EVENT_BUS, EVENT_SOURCE } = functionNamed(service, name).Environment.Variables
    return { EVENT_BUS, EVENT_SOURCE }
  })

  const [busId] = Object.keys(service.findResources('AWS::Events::EventBus'))
  const same = { EVENT_BUS: { Ref: busId }, EVENT_SOURCE: 'strongbox/prod' }
  expect(told).toEqual([same, same])
})

describe('where flags freeze', () => {
  const { service } = synthesise('prod', { autoFreeze: 'true' })
  const missed = { 'Fn::GetAtt': [idIn(service, QUEUE, 'MissedFreezes'), 'Arn'] }
  const freeze = functionNamed(service, 'freeze')

  test('a flag calls the function, and nothing else does', () => {
    const rules = listenersIn(service)

    expect(EVENT_TYPES).toContain('fraud.flagged')
    expect(rules).toMatchObject([
      {
        EventBusName: { Ref: idIn(service, 'AWS::Events::EventBus', 'Events') },
        EventPattern: { source: ['strongbox/prod'], 'detail-type': ['fraud.flagged'] },
        State: 'ENABLED',
        Targets: [
          {
            Arn: { Ref: aliasOf(service, freeze) },
            DeadLetterConfig: { Arn: missed },
            RetryPolicy: { MaximumEventAgeInSeconds: HOUR_SECONDS },
          },
        ],
      },
    ])
  })

  test('a freeze that fails is tried twice more, within the hour, and then kept', () => {
    const asynchronous = propertiesIn(service, 'AWS::Lambda::EventInvokeConfig').filter(
      ({ FunctionName }) => FunctionName.Ref === freeze.id,
    )

    expect(asynchronous).toMatchObject([
      {
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: HOUR_SECONDS,
        DestinationConfig: { OnFailure: { Destination: missed } },
      },
    ])
  })

  test('a freeze that was missed is alarming', () => {
    expect(alarmsOnQueues(service)).toEqual([idIn(service, QUEUE, 'MissedFreezes')])
  })
})

describe('where webhooks are sent', () => {
  const { service } = synthesise('prod', { webhooks: 'true' })
  const queueId = idIn(service, QUEUE, 'Webhooks')
  const deadLettersId = idIn(service, QUEUE, 'WebhookDeadLetters')
  const deadLetters = { 'Fn::GetAtt': [deadLettersId, 'Arn'] }
  const webhooks = functionNamed(service, 'webhooks')

  test('every event comes into the queue, whole', () => {
    const rules = listenersIn(service)

    const target = {
      Id: 'Target0',
      Arn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      DeadLetterConfig: { Arn: deadLetters },
    }
    expect(rules).toMatchObject([{ EventPattern: { source: ['strongbox/prod'] } }])
    expect(rules[0].Targets).toEqual([target])
  })

  test('the queue gives a message up later than the function does', () => {
    const { VisibilityTimeout, RedrivePolicy, MessageRetentionPeriod } =
      service.findResources(QUEUE)[queueId]?.['Properties'] ?? {}

    expect(RedrivePolicy).toEqual({
      deadLetterTargetArn: deadLetters,
      maxReceiveCount: MAX_RECEIVES,
    })
    expect(MessageRetentionPeriod).toBe(DAYS_14_SECONDS)
    expect(VisibilityTimeout).toBe(6 * webhooks.Timeout)
  })

  test('the function names the messages that come again, and has time to', () => {
    const mappings = propertiesIn(service, 'AWS::Lambda::EventSourceMapping').filter(
      ({ EventSourceArn }) => 'Fn::GetAtt' in EventSourceArn,
    )

    expect(mappings).toEqual([
      {
        FunctionName: aliasNameIn(service, webhooks),
        EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 20 },
      },
    ])
    expect(webhooks.Timeout * 1000).toBeGreaterThan(2 * SEND_TIMEOUT_MS)
  })

  /** With another id or another text, the next deployment would take all endpoints away. */
  test('there are no endpoints yet, in the words of those who read them', () => {
    const id = idIn(service, 'AWS::SecretsManager::Secret', 'WebhookEndpoints')
    const { DeletionPolicy, Properties } =
      service.findResources('AWS::SecretsManager::Secret')[id] ?? {}

    expect(id).toBe('WebhookEndpoints511D70BC')
    expect(DeletionPolicy).toBe('Retain')
    expect(Properties.SecretString).toBe('{"endpoints":[]}')
    expect(parseEndpoints(Properties.SecretString)).toEqual([])
  })

  test('a dead letter outlives the stack, and is alarming', () => {
    const { DeletionPolicy, Properties } = service.findResources(QUEUE)[deadLettersId] ?? {}

    expect(DeletionPolicy).toBe('Retain')
    expect(Properties.MessageRetentionPeriod).toBe(DAYS_14_SECONDS)
    expect(alarmsOnQueues(service)).toEqual([deadLettersId])
  })

  test('a queue takes nothing but by TLS, and from nobody but the rule', () => {
    const statements = propertiesIn(service, 'AWS::SQS::QueuePolicy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    )

    const ruleArn = { 'Fn::GetAtt': [idIn(service, RULE, 'SendEvents'), 'Arn'] }
    const denied = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }
    const allowed = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    }
    expect(statements).toMatchObject([denied, allowed, denied, allowed])
  })
})

function alarmsOnQueues(template: Template): string[] {
  return propertiesIn(template, 'AWS::CloudWatch::Alarm')
    .filter(({ Namespace, Threshold }) => Namespace === 'AWS/SQS' && Threshold === 0)
    .map(({ Dimensions }) => Dimensions[0].Value['Fn::GetAtt'][0])
}

/** Those rules that wait for an event, and not for the time. */
function listenersIn(template: Template) {
  return propertiesIn(template, RULE).filter((rule) => 'EventPattern' in rule)
}

function idIn(template: Template, type: string, name: string): string {
  const id = Object.keys(template.findResources(type)).find((each) =>
    new RegExp(`^${name}\\w{8}$`).test(each),
  )
  if (!id) throw new Error(`there is no ${name}`)
  return id
}

function propertiesIn(template: Template, type: string) {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'])
}
