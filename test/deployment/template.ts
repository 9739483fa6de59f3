import type { Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'

/** What a service template says, in the words of the route table: functions by name, not by logical id. */

const arn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform((value) => value['Fn::GetAtt'][0])
const reference = z.object({ Ref: z.string() }).transform(({ Ref }) => Ref)
const join = z
  .object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })
  .transform((value) => value['Fn::Join'][1])

const lambda = z.object({
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Handler: z.string(),
  Timeout: z.number(),
  Role: arn,
  LoggingConfig: z.object({ LogGroup: reference }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
})
const route = z.object({ RouteKey: z.string(), Target: join })
const integration = z.object({ IntegrationUri: arn })
const permission = z.object({ FunctionName: arn, Principal: z.string(), SourceArn: join })
const policy = z.object({
  Roles: z.array(reference),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
        Resource: z.unknown(),
        Condition: z.unknown().optional(),
      }),
    ),
  }),
})

export type DeployedFunction = z.output<typeof lambda> & { id: string; name: string }
export type Statement = z.output<typeof policy>['PolicyDocument']['Statement'][number]

export function functionsIn(template: Template): DeployedFunction[] {
  return resources(template, 'AWS::Lambda::Function', lambda).map(([id, properties]) => {
    const service = String(properties.Environment.Variables['POWERTOOLS_SERVICE_NAME'])
    return { ...properties, id, name: service.replace('strongbox-', '') }
  })
}

export function routesIn(template: Template): Record<string, string> {
  const nameOf = functionNames(template)
  const integrations = new Map(
    resources(template, 'AWS::ApiGatewayV2::Integration', integration).map(
      ([id, { IntegrationUri }]) => [id, nameOf(IntegrationUri)],
    ),
  )
  return Object.fromEntries(
    resources(template, 'AWS::ApiGatewayV2::Route', route).map(([, { RouteKey, Target }]) => {
      const integrationId = reference.parse(Target.at(-1))
      return [RouteKey, integrations.get(integrationId) ?? `no integration ${integrationId}`]
    }),
  )
}

/** As in `read /v1/assets`: the function, and the path for which API Gateway may call it. */
export function invocationsIn(template: Template): string[] {
  const nameOf = functionNames(template)
  return resources(template, 'AWS::Lambda::Permission', permission).map(
    ([, { FunctionName, Principal, SourceArn }]) => {
      const path = String(SourceArn.at(-1)).replace('/*/*', '')
      return `${Principal}: ${nameOf(FunctionName)} ${path || '$default'}`
    },
  )
}

export function statementsOf(template: Template, { Role }: DeployedFunction): Statement[] {
  return resources(template, 'AWS::IAM::Policy', policy)
    .filter(([, { Roles }]) => Roles.includes(Role))
    .flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement)
}

export function allStatementsIn(template: Template): Statement[] {
  return resources(template, 'AWS::IAM::Policy', policy).flatMap(
    ([, { PolicyDocument }]) => PolicyDocument.Statement,
  )
}

function functionNames(template: Template): (id: string) => string {
  const names = new Map(functionsIn(template).map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? `no function ${id}`
}

function resources<Properties>(
  template: Template,
  type: string,
  schema: z.ZodType<Properties>,
): [string, Properties][] {
  return Object.entries(template.findResources(type)).map(([id, resource]) => [
    id,
    schema.parse(resource['Properties']),
  ])
}
