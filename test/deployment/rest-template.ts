import type { Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { aliasOf, functionsIn } from './template.ts'

/** What a service template says about its REST API, in the words of the route table. */

const reference = z.object({ Ref: z.string() }).transform(({ Ref }) => Ref)
const resource = z.object({ ParentId: z.unknown(), PathPart: z.string() })
const method = z.object({
  HttpMethod: z.string(),
  ResourceId: z.unknown(),
  AuthorizationType: z.string(),
  ApiKeyRequired: z.boolean().default(false),
  Integration: z.object({ Type: z.literal('AWS_PROXY'), Uri: z.unknown() }),
})
const stage = z.object({
  StageName: z.string(),
  TracingEnabled: z.boolean().optional(),
  AccessLogSetting: z.object({ DestinationArn: z.unknown(), Format: z.string() }),
  MethodSettings: z.array(
    z.object({
      ResourcePath: z.string(),
      HttpMethod: z.string(),
      ThrottlingRateLimit: z.number(),
      ThrottlingBurstLimit: z.number(),
    }),
  ),
})
const answer = z.object({
  ResponseType: z.string(),
  StatusCode: z.string(),
  ResponseTemplates: z.object({ 'application/json': z.string() }),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
})
const permission = z.object({
  FunctionName: reference,
  Principal: z.string(),
  SourceArn: z.unknown(),
})

export interface RestMethod {
  /** As in `POST /v1/wallets/{walletId}/spend`. */
  readonly key: string
  readonly function: string
  readonly keyRequired: boolean
}

export function methodsIn(template: Template): RestMethod[] {
  const paths = pathsIn(template)
  const names = functionsIn(template).map(({ id, name }) => [aliasOf(template, { id }), name])
  return all(template, 'AWS::ApiGateway::Method', method).map(([, found]) => {
    const alias = JSON.stringify(found.Integration.Uri).match(/"Ref":"(\w+Live\w{8})"/)?.[1]
    return {
      key: `${found.HttpMethod} ${paths.get(JSON.stringify(found.ResourceId))}`,
      function: names.find(([id]) => id === alias)?.[1] ?? `no function ${alias}`,
      keyRequired: found.ApiKeyRequired,
    }
  })
}

export function restStageIn(template: Template) {
  const [found] = all(template, 'AWS::ApiGateway::Stage', stage)
  if (!found) throw new Error('there is no stage')
  return found[1]
}

/** By what makes API Gateway say it. */
export function gatewayAnswersIn(template: Template) {
  const answers = all(template, 'AWS::ApiGateway::GatewayResponse', answer)
  return new Map(answers.map(([, found]) => [found.ResponseType, found]))
}

export function permissionsIn(template: Template) {
  return all(template, 'AWS::Lambda::Permission', permission).map(([, found]) => found)
}

/** Of every resource, its path. */
function pathsIn(template: Template): ReadonlyMap<string, string> {
  const resources = new Map(
    all(template, 'AWS::ApiGateway::Resource', resource).map(([id, found]) => [
      JSON.stringify({ Ref: id }),
      found,
    ]),
  )
  const pathOf = (id: string): string => {
    const found = resources.get(id)
    return found ? `${pathOf(JSON.stringify(found.ParentId))}/${found.PathPart}` : ''
  }
  const [api] = Object.keys(template.findResources('AWS::ApiGateway::RestApi'))
  const root = JSON.stringify({ 'Fn::GetAtt': [api, 'RootResourceId'] })
  return new Map([
    [root, '/'],
    ...Array.from(resources.keys(), (id): [string, string] => [id, pathOf(id)]),
  ])
}

function all<Properties>(template: Template, type: string, schema: z.ZodType<Properties>) {
  return Object.entries(template.findResources(type)).map(([id, found]): [string, Properties] => [
    id,
    schema.parse(found['Properties']),
  ])
}
