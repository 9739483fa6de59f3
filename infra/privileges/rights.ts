import { nameOf } from './arn-names.ts'
import {
  type CloudFormationTemplate,
  FUNCTION,
  POLICY,
  ROLE,
  resourcesOf,
  type Statement,
} from './template.ts'

export interface Right {
  /** A function by its name, or the service of AWS that does something for one. */
  readonly who: string
  readonly action: string
  readonly on: string
  readonly condition: Statement['Condition']
}

/** Both stacks, as they are deployed. */
export interface Templates {
  readonly data: CloudFormationTemplate
  readonly service: CloudFormationTemplate
}

/** Who may do what, as IAM will read it: one for each action and resource. One that is given twice is here twice. */
export function rightsIn(templates: Templates): Right[] {
  const { data, service } = templates
  return [data, service].flatMap((template) => {
    refuseOtherWays(template)
    const who = holders(template)
    const policies = resourcesOf(template, 'AWS::IAM::Policy', POLICY)
    return policies.flatMap(([, { Roles, PolicyDocument }]) =>
      Roles.flatMap((role) =>
        PolicyDocument.Statement.flatMap((statement) =>
          toRights(who.get(role) ?? role, statement, templates),
        ),
      ),
    )
  })
}

/** There are other ways to give a right, and nobody here goes them: who begins to has to teach it this page. */
function refuseOtherWays(template: CloudFormationTemplate): void {
  const inline = resourcesOf(template, 'AWS::IAM::Role', ROLE).filter(
    ([, { Policies }]) => Policies,
  )
  const others = Object.entries(template.Resources).filter(([, { Type }]) => OTHER_WAYS.has(Type))
  const ids = [...inline, ...others].map(([id]) => id)
  if (ids.length > 0) throw new Error(`${ids.join(', ')} gives rights in another way`)
}

const OTHER_WAYS = new Set([
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::RolePolicy',
  'AWS::IAM::User',
  'AWS::IAM::Group',
])

export interface ManagedPolicy {
  readonly who: string
  readonly policy: string
}

/** What AWS has written, and may change. */
export function managedPoliciesIn({ data, service }: Templates): ManagedPolicy[] {
  return [data, service].flatMap((template) => {
    const who = holders(template)
    return resourcesOf(template, 'AWS::IAM::Role', ROLE).flatMap(([id, { ManagedPolicyArns }]) =>
      ManagedPolicyArns.map((arn) => ({
        who: who.get(id) ?? id,
        policy: JSON.stringify(arn).match(/:policy\/([\w/-]+)/)?.[1] ?? JSON.stringify(arn),
      })),
    )
  })
}

/** By the logical id of a role: the function that has it, or the service that takes it. */
function holders(template: CloudFormationTemplate): ReadonlyMap<string, string> {
  const services = resourcesOf(template, 'AWS::IAM::Role', ROLE).map(
    ([id, { AssumeRolePolicyDocument }]): [string, string] => [
      id,
      AssumeRolePolicyDocument.Statement.map(({ Principal }) =>
        Principal.Service.replace('.amazonaws.com', ''),
      ).join(', '),
    ],
  )
  const functions = resourcesOf(template, 'AWS::Lambda::Function', FUNCTION).map(
    ([, { Role, Environment }]): [string, string] => [
      Role['Fn::GetAtt'][0],
      String(Environment.Variables['POWERTOOLS_SERVICE_NAME']).replace('strongbox-', ''),
    ],
  )
  return new Map([...services, ...functions])
}

function toRights(
  who: string,
  { Effect, Action, Resource, Condition }: Statement,
  templates: Templates,
): Right[] {
  // A denial takes something away; none is needed where nothing is given that is not meant.
  if (Effect !== 'Allow') throw new Error(`${who} has a statement that is no permission`)
  return [Resource].flat().flatMap((resource) => {
    const on = nameOf(resource, templates)
    return Action.map((action) => ({ who, action, on, condition: Condition }))
  })
}
