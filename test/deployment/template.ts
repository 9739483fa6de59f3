import type { Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { ROUTES, type Route } from '../../lib/http/routes.ts'

/** What a service template says, in the words of the route table: functions by name, not by logical id. */

const arn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform((value) => value['Fn::GetAtt'][0])
const reference = z.object({ Ref: z.string() }).transform(({ Ref }) => Ref)
/** By its alias: nothing calls a function by any other name. */
const called = reference
const alias = z.object({ Name: z.string(), FunctionName: reference })
const join = z
  .object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })
  .transform((value) => value['Fn::Join'][1])

const lambda = z.object({
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Handler: z.string(),
  Timeout: z.number(),
  ReservedConcurrentExecutions: z.number().optional(),
  Role: arn,
  LoggingConfig: z.object({ LogGroup: reference }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  TracingConfig: z.object({ Mode: z.string() }).optional(),
})
const api = z.object({ Name: z.string(), CorsConfiguration: z.unknown().optional() })
const route = z.object({
  ApiId: reference,
  RouteKey: z.string(),
  Target: join,
  AuthorizationType: z.string(),
  AuthorizerId: reference.optional(),
})
const authorizer = z.object({
  AuthorizerType: z.string(),
  IdentitySource: z.array(z.string()),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()) }),
})
const throttle = z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() })
const stage = z.object({
  ApiId: reference,
  StageName: z.string(),
  AutoDeploy: z.boolean(),
  DefaultRouteSettings: throttle,
  RouteSettings: z.record(z.string(), throttle),
  AccessLogSettings: z.object({ DestinationArn: arn, Format: z.string() }),
})
const integration = z.object({ IntegrationUri: called })
const permission = z.object({
  FunctionName: called,
  Principal: z.string(),
  SourceArn: z.unknown(),
})
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

export interface DeployedRoute {
  /** The logical id. */
  readonly id: string
  readonly function: string
  readonly authorizer: z.output<typeof authorizer> | undefined
}

export interface Door {
  readonly apiId: string
  readonly name: string
  readonly cors: unknown
  readonly routes: Readonly<Record<string, DeployedRoute>>
  readonly stage: z.output<typeof stage> & { readonly id: string }
}

export type DeployedFunction = z.output<typeof lambda> & { id: string; name: string }
export type Statement = z.output<typeof policy>['PolicyDocument']['Statement'][number]

export function functionsIn(template: Template): DeployedFunction[] {
  return resources(template, 'AWS::Lambda::Function', lambda).map(([id, properties]) => {
    const service = String(properties.Environment.Variables['POWERTOOLS_SERVICE_NAME'])
    return { ...properties, id, name: service.replace('strongbox-', '') }
  })
}

export function functionNamed(template: Template, wanted: string): DeployedFunction {
  const found = functionsIn(template).find(({ name }) => name === wanted)
  if (!found) throw new Error(`there is no function ${wanted}`)
  return found
}

/** All HTTP APIs, each with its routes, by the name that the stage gives it: `strongbox-dev-token` is `token`. */
export function doorsIn(template: Template): Record<string, Door> {
  const doors = resources(template, 'AWS::ApiGatewayV2::Api', api).map(([apiId, properties]) => {
    const name = properties.Name.split('-').at(-1) ?? ''
    const routes = routesOf(template, apiId)
    const [stageOfApi] = resources(template, 'AWS::ApiGatewayV2::Stage', stage)
      .filter(([, { ApiId }]) => ApiId === apiId)
      .map(([id, found]) => ({ ...found, id }))
    if (!stageOfApi) throw new Error(`the API ${name} has no stage`)
    return [name, { apiId, name, cors: properties.CorsConfiguration, routes, stage: stageOfApi }]
  })
  return Object.fromEntries(doors)
}

function routesOf(template: Template, apiId: string): Record<string, DeployedRoute> {
  const nameOf = functionNames(template)
  const targets = new Map(
    resources(template, 'AWS::ApiGatewayV2::Integration', integration).map(
      ([id, { IntegrationUri }]) => [id, nameOf(IntegrationUri)],
    ),
  )
  const authorizers = new Map(resources(template, 'AWS::ApiGatewayV2::Authorizer', authorizer))
  const routes = resources(template, 'AWS::ApiGatewayV2::Route', route)
    .filter(([, { ApiId }]) => ApiId === apiId)
    .map(([id, { RouteKey, Target, AuthorizerId = '' }]) => {
      const integrationId = reference.parse(Target.at(-1))
      const handledBy = targets.get(integrationId) ?? `no integration ${integrationId}`
      return [RouteKey, { id, function: handledBy, authorizer: authorizers.get(AuthorizerId) }]
    })
  return Object.fromEntries(routes)
}

/** By API; as in `read /v1/assets`: the function, and the path for which API Gateway may call it. */
export function invocationsIn(template: Template): Map<string, string[]> {
  const nameOf = functionNames(template)
  const permissions = resources(template, 'AWS::Lambda::Permission', permission)
    // Others are called by rules, and one of these that was would not be read below.
    .filter(([, { FunctionName }]) => SERVES_API.has(nameOf(FunctionName)))
    .map(([, { FunctionName, Principal, SourceArn }]) => {
      const source = join.parse(SourceArn)
      const path = String(source.at(-1)).replace('/*/*', '')
      return {
        apiId: reference.parse(source.at(-2)),
        call: `${Principal}: ${nameOf(FunctionName)} ${path || '$default'}`,
      }
    })
  const byApi = Map.groupBy(permissions, ({ apiId }) => apiId)
  return new Map(Array.from(byApi, ([apiId, all]) => [apiId, all.map(({ call }) => call)]))
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

const SERVES_API = new Set<string>(Object.values<Route>(ROUTES).map((route) => route.function))

/** Names of functions by the logical ids of their aliases. */
function functionNames(template: Template): (aliasId: string) => string {
  const names = new Map(functionsIn(template).map(({ id, name }) => [id, name]))
  const aliases = new Map(
    resources(template, 'AWS::Lambda::Alias', alias).map(([id, { FunctionName }]) => [
      id,
      names.get(FunctionName),
    ]),
  )
  return (id) => aliases.get(id) ?? `no function ${id}`
}

/** The logical id of the name that a function is called by. */
export function aliasOf(template: Template, { id }: Pick<DeployedFunction, 'id'>): string {
  const found = resources(template, 'AWS::Lambda::Alias', alias).find(
    ([, { FunctionName }]) => FunctionName === id,
  )
  if (!found) throw new Error(`the function ${id} has no alias`)
  return found[0]
}

/** As a mapping names it: the name of the function, and that of its alias. */
export function aliasNameIn(template: Template, lambda: Pick<DeployedFunction, 'id'>): unknown {
  const ref = { Ref: aliasOf(template, lambda) }
  return { 'Fn::Join': ['', [{ 'Fn::Select': [6, { 'Fn::Split': [':', ref] }] }, ':live']] }
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
