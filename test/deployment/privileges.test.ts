import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deployedWithEverything } from '../../infra/privileges/deployed.ts'
import { privilegesDocument } from '../../infra/privileges/document.ts'
import { managedPoliciesIn, rightsIn, type Templates } from '../../infra/privileges/rights.ts'
import { EDGES, STAGES } from '../../infra/settings.ts'
import { synthesise, WITH_EVERYTHING, WITH_REST } from './synthesise.ts'

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/privileges.md'), 'utf8')
const everything = deployedWithEverything()

test('docs/privileges.md says who may do what: `npm run privileges` writes it', () => {
  const written = privilegesDocument(everything)

  expect(DOCUMENT).toBe(written)
})

test.each(STAGES.flatMap((stage) => EDGES.map((edge) => ({ stage, edge }))))(
  'in $stage with the edge $edge, nobody may more than it says',
  ({ stage, edge }) => {
    const given = edge === 'rest' ? WITH_REST : {}
    const { data, service } = synthesise(stage, { ...WITH_EVERYTHING, ...given })
    const templates = { data: data.toJSON(), service: service.toJSON() } as unknown as Templates

    const rights = rightsIn(templates).map((right) => JSON.stringify(right))
    const policies = managedPoliciesIn(templates)

    const said = new Set(rightsIn(everything).map((right) => JSON.stringify(right)))
    expect(rights.filter((right) => !said.has(right))).toEqual([])
    expect(managedPoliciesIn(everything)).toEqual(expect.arrayContaining(policies))
  },
)

test('of all who may write the ledger, none may but inside a transaction, or on assets', () => {
  const writing = rightsIn(everything).filter(
    ({ action, on }) => on === 'Ledger' && !/^dynamodb:(Get|BatchGet|Query)/.test(action),
  )

  expect(writing).not.toEqual([])
  for (const { who, action, condition } of writing) {
    const isAsset = who === 'admin' && action === 'dynamodb:PutItem'
    expect(Object.keys(Object.values(condition ?? {})[0] ?? {})).toEqual([
      isAsset ? 'dynamodb:LeadingKeys' : 'dynamodb:EnclosingOperation',
    ])
  }
})

describe('what is planted in a template is found', () => {
  const [ledger] = Object.keys(everything.data.Resources).filter((id) => id.startsWith('Ledger'))
  const [role = ''] = Object.keys(everything.service.Resources).filter((id) =>
    id.startsWith('readRole'),
  )
  const planted = (type: string, properties: unknown): Templates => ({
    ...everything,
    service: {
      ...everything.service,
      Resources: {
        ...everything.service.Resources,
        Planted: { Type: type, Properties: properties },
      },
    },
  })
  const policy = (statement: object) =>
    planted('AWS::IAM::Policy', {
      Roles: [{ Ref: role }],
      PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] },
    })
  const exported = Object.values(everything.data.Outputs ?? {}).find(
    ({ Value, Export }) =>
      Export && JSON.stringify(Value) === JSON.stringify({ 'Fn::GetAtt': [ledger, 'Arn'] }),
  )?.Export?.Name

  test('a right', () => {
    const written = privilegesDocument(
      policy({ Action: 'dynamodb:DeleteItem', Resource: { 'Fn::ImportValue': exported } }),
    )

    expect(written).toMatch(/^\| read \| [^|]*`dynamodb:DeleteItem`[^|]* \| Ledger \| {2}\|$/m)
  })

  test('a right to do anything', () => {
    const written = privilegesDocument(policy({ Action: '*', Resource: '*' }))

    expect(written).toMatch(/\| read \| `\*`,.* \| anything \|/)
  })

  test('a policy of AWS', () => {
    const written = privilegesDocument(
      planted('AWS::IAM::Role', {
        AssumeRolePolicyDocument: {
          Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
      }),
    )

    expect(written).toContain('| lambda | `AdministratorAccess` |')
  })

  test.each([
    {
      what: 'a policy inside a role',
      type: 'AWS::IAM::Role',
      properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }],
        },
        Policies: [{ PolicyName: 'Anything', PolicyDocument: {} }],
      },
    },
    { what: 'a managed policy of ours', type: 'AWS::IAM::ManagedPolicy', properties: {} },
    { what: 'a user', type: 'AWS::IAM::User', properties: {} },
  ])('and $what is not passed over', ({ type, properties }) => {
    const templates = planted(type, properties)

    const write = () => privilegesDocument(templates)

    expect(write).toThrow('gives rights in another way')
  })

  test.each([
    {
      what: 'a resource that nobody knows',
      statement: { Action: 'dynamodb:Scan', Resource: { 'Fn::GetAtt': ['Elsewhere', 'Arn'] } },
    },
    {
      what: 'a condition without words',
      statement: {
        Action: 'dynamodb:Scan',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      },
    },
    { what: 'a denial', statement: { Effect: 'Deny', Action: 'dynamodb:Scan', Resource: '*' } },
  ])('and $what is not passed over', ({ statement }) => {
    const templates = policy(statement)

    const write = () => privilegesDocument(templates)

    expect(write).toThrow()
  })
})
