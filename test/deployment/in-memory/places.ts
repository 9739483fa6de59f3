import type { DeployedStack } from './deploy.ts'
import type { Made } from './intrinsics.ts'
import { type Relationship, relationshipsOf } from './specification.ts'

/** A place where a resource belongs, and the resources that are there. */
export interface Place extends Relationship {
  readonly origins: readonly Made[]
}

/** Where CloudFormation's description does not say all that may be there. */
const MAY_ALSO_BE: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Method.ResourceId': 'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Resource.ParentId': 'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::Integration.IntegrationUri': 'AWS::Lambda::Alias',
  'AWS::Lambda::EventSourceMapping.DestinationConfig.OnFailure.Destination': 'AWS::S3::Bucket',
  'AWS::WAFv2::WebACLAssociation.ResourceArn': 'AWS::ApiGateway::RestApi',
}
const CALLS_FUNCTIONS = 'AWS::Lambda::Permission.SourceArn'
const APIS = ['AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api']

/** Items of lists are places of their own. */
export function placesIn(stacks: readonly DeployedStack[]): Place[] {
  return stacks.flatMap(({ resources, originsOf }) =>
    resources.flatMap(({ type, properties }) =>
      relationshipsOf(type, properties).flatMap(({ path, value, types }) =>
        [value].flat().map((one) => ({ path, value: one, types, origins: originsOf(one) })),
      ),
    ),
  )
}

/** What is no resource of ours is of no kind that is known here. */
export function isOfWrongKind({ path, types, origins }: Place): boolean {
  return origins.length > 0 && !origins.some(({ type }) => mayBe(path, types, type))
}

function mayBe(path: string, types: readonly string[], type: string): boolean {
  if (types.includes(type) || MAY_ALSO_BE[path] === type) return true
  return path === CALLS_FUNCTIONS && APIS.includes(type)
}
