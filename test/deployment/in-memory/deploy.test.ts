import { describe, expect, test } from 'vitest'
import { deployInMemory } from './deploy.ts'
import { isOfWrongKind, placesIn } from './places.ts'
import { problemsOf } from './specification.ts'

/** What would stop a deployment stops it here, too. */

const QUEUE = { Type: 'AWS::SQS::Queue' }

test('a resource is made after those that it refers to', () => {
  const { resources } = deployInMemory({
    Resources: {
      Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Jobs' }] } },
      Jobs: { Type: 'AWS::SQS::Queue', DependsOn: ['Topic'] },
      Topic: { Type: 'AWS::SNS::Topic' },
    },
  })

  expect(resources.map(({ id }) => id)).toEqual(['Topic', 'Jobs', 'Policy'])
})

test('values are put where the template refers to them', () => {
  const { outputs } = deployInMemory({
    Parameters: { Color: { Type: 'String', Default: 'red' } },
    Resources: { Jobs: QUEUE },
    Outputs: {
      Joined: { Value: { 'Fn::Join': ['/', ['a', { Ref: 'Color' }, { Ref: 'AWS::Region' }]] } },
      Substituted: {
        Value: { 'Fn::Sub': [`\${Color}-\${N}-\${AWS::Partition}-\${!Color}`, { N: 1 }] },
      },
      Selected: { Value: { 'Fn::Select': ['1', { 'Fn::Split': [':', 'a:b:c'] }] } },
    },
  })

  expect(Object.fromEntries(outputs)).toEqual({
    Joined: 'a/red/us-east-1',
    Substituted: `red-1-aws-\${!Color}`,
    Selected: 'b',
  })
})

test('a value of another stack comes by its export, and one knows whose it is', () => {
  const data = deployInMemory({
    Resources: { Jobs: QUEUE },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, Export: { Name: 'jobs' } } },
  })
  const service = deployInMemory(
    {
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { Jobs: { Value: { 'Fn::ImportValue': 'jobs' } } },
    },
    [data],
  )

  const origins = service.originsOf(service.outputs.get('Jobs'))

  expect(origins).toEqual([{ id: 'Jobs', type: 'AWS::SQS::Queue', properties: {} }])
})

describe('a deployment ends', () => {
  test.each([
    {
      why: 'where two resources wait for each other',
      template: {
        Resources: {
          One: { ...QUEUE, DependsOn: 'Other' },
          Other: { ...QUEUE, Properties: { QueueName: { Ref: 'One' } } },
        },
      },
      says: 'a circle: One → Other → One',
    },
    {
      why: 'where a resource is not there',
      template: { Resources: { One: { ...QUEUE, Properties: { QueueName: { Ref: 'Gone' } } } } },
      says: 'One refers to Gone, which is not there',
    },
    {
      why: 'where a type has no such attribute',
      template: {
        Resources: { Jobs: QUEUE },
        Outputs: { Url: { Value: { 'Fn::GetAtt': ['Jobs', 'Url'] } } },
      },
      says: 'AWS::SQS::Queue has no attribute Url',
    },
    {
      why: 'where nobody exports what is imported',
      template: { Resources: {}, Outputs: { Url: { Value: { 'Fn::ImportValue': 'url' } } } },
      says: 'url is exported by 0 stacks',
    },
    {
      why: 'where two exports have one name',
      template: {
        Resources: {},
        Outputs: {
          One: { Value: '1', Export: { Name: 'same' } },
          Other: { Value: '2', Export: { Name: 'same' } },
        },
      },
      says: 'two exports of one name: same, same',
    },
    {
      why: 'where a function is not known here',
      template: { Resources: {}, Outputs: { All: { Value: { 'Fn::GetAZs': '' } } } },
      says: 'Fn::GetAZs is not known here',
    },
    {
      why: 'where CloudFormation has no such type',
      template: {
        Resources: { Odd: { Type: 'AWS::SQS::Stack' } },
        Outputs: { Odd: { Value: { Ref: 'Odd' } } },
      },
      says: 'CloudFormation has no AWS::SQS::Stack',
    },
  ])('$why', ({ template, says }) => {
    expect(() => deployInMemory(template)).toThrow(says)
  })
})

test.each([
  { properties: { Queues: [] }, problems: ['AWS::SQS::QueuePolicy needs PolicyDocument'] },
  {
    properties: { Queues: [], PolicyDocument: {}, Color: 'red' },
    problems: ['AWS::SQS::QueuePolicy has no Color'],
  },
  {
    properties: { Queues: 'all', PolicyDocument: {} },
    problems: ['AWS::SQS::QueuePolicy.Queues is a list'],
  },
  {
    properties: { Queues: [{}], PolicyDocument: {} },
    problems: ['AWS::SQS::QueuePolicy.Queues[0] is text'],
  },
  { properties: { Queues: ['url'], PolicyDocument: {} }, problems: [] },
])('CloudFormation says of $properties: $problems', ({ properties, problems }) => {
  expect(problemsOf('AWS::SQS::QueuePolicy', properties)).toEqual(problems)
})

test.each([
  {
    type: 'AWS::SQS::Queue',
    properties: { DelaySeconds: 'soon' },
    says: 'AWS::SQS::Queue.DelaySeconds is a number',
  },
  {
    type: 'AWS::SQS::Queue',
    properties: { FifoQueue: 'perhaps' },
    says: 'AWS::SQS::Queue.FifoQueue is true or false',
  },
  {
    type: 'AWS::Events::Rule',
    properties: { Targets: [{ Arn: 'an arn' }] },
    says: 'AWS::Events::Rule.Targets[0] needs Id',
  },
])('$says', ({ type, properties, says }) => {
  expect(problemsOf(type, properties)).toEqual([says])
})

describe('where a role belongs', () => {
  const withRole = (Role: unknown) =>
    deployInMemory({
      Resources: {
        Jobs: QUEUE,
        Worker: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
        Work: { Type: 'AWS::Lambda::Function', Properties: { Code: {}, Role } },
      },
    })

  test.each([
    {
      given: 'a role',
      role: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      origins: ['Worker'],
      isWrong: false,
    },
    { given: 'a queue', role: { 'Fn::GetAtt': 'Jobs.Arn' }, origins: ['Jobs'], isWrong: true },
    { given: 'somebody else', role: 'arn:aws:iam::1:role/x', origins: [], isWrong: false },
  ])('$given is seen', ({ role, origins, isWrong }) => {
    const [place, ...others] = placesIn([withRole(role)])

    expect(others).toEqual([])
    expect(place).toMatchObject({ path: 'AWS::Lambda::Function.Role' })
    expect(place?.origins.map(({ id }) => id)).toEqual(origins)
    expect(place && isOfWrongKind(place)).toBe(isWrong)
  })
})
