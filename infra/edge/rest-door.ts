import { RemovalPolicy, Size, Stack } from 'aws-cdk-lib'
import {
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodDeploymentOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { OVERALL_RATES, type RateClass } from '../../lib/http/rates.ts'
import { type ApiFunction, FALLBACK_FUNCTION, ROUTES, type Route } from '../../lib/http/routes.ts'
import { breaksRule } from '../rules-of-aws.ts'
import { restAccessLogFormat } from './access-log-format.ts'
import type { Door, DoorMetrics } from './door.ts'
import { answerForGateway } from './gateway-answers.ts'

export interface RestDoorProps {
  readonly apiName: string
  readonly stageName: string
  readonly functions: Record<ApiFunction, IFunction>
  readonly logGroup: ILogGroup
  readonly traced: boolean
  /** Whether pages of other origins may read what API Gateway answers by itself. */
  readonly readByBrowsers: boolean
  /** Whether who calls a route that is not public has to name a key of a usage plan. */
  readonly keyRequired: boolean
  /** The only name that it has, if the one that API Gateway gave it is closed. */
  readonly name: string | undefined
}

/** What one packet carries is not worth compressing. */
const COMPRESSED_FROM_BYTES = 1_400

/** All paths that are nobody's. */
const ANYTHING = '{proxy+}'

/** The route table as a REST API. */
export class RestDoor extends Construct implements Door {
  readonly api: RestApi
  readonly apiId: string
  readonly stageName: string
  readonly url: string
  readonly metrics: DoorMetrics

  constructor(scope: Construct, id: string, props: RestDoorProps) {
    super(scope, id)
    const { apiName, stageName, logGroup, traced, name } = props

    this.api = new RestApi(this, 'Api', {
      restApiName: apiName,
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: name !== undefined,
      minCompressionSize: Size.bytes(COMPRESSED_FROM_BYTES),
      // Without one, API Gateway may write no log; all REST APIs of an account and region share it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: restAccessLogFormat(apiName),
        tracingEnabled: traced,
        // For unknown paths. All others have their own.
        ...throttle('read'),
        methodOptions: limits(),
      },
    })
    // The output that the CDK adds says the same as ours, with a slash at its end.
    this.api.node.tryRemoveChild('Endpoint')
    this.addRoutes(props)
    answerForGateway(this.api, props.readByBrowsers)
    this.apiId = this.api.restApiId
    this.stageName = stageName
    this.url = name === undefined ? ownUrl(this.api, stageName) : `https://${name}`
    this.metrics = metricsOfRestApi(this.api)
    acceptRules(this)
  }

  /** A path of ours also answers the methods that it does not have: API Gateway's own answer would be a 403. */
  private addRoutes({ functions, keyRequired }: RestDoorProps): void {
    const integrations = integrate(functions)
    const fallback = integrations[FALLBACK_FUNCTION]
    for (const route of Object.values<Route>(ROUTES)) {
      const isGuarded = route.access.kind !== 'public'
      this.api.root
        .resourceForPath(route.path)
        .addMethod(route.method, integrations[route.function], {
          apiKeyRequired: keyRequired && isGuarded,
        })
    }
    this.api.root.addResource(ANYTHING)
    for (const resource of resourcesBelow(this.api.root)) resource.addMethod('ANY', fallback)
  }
}

/** As the CDK has it, less the slash at its end: paths begin with one. */
function ownUrl(api: RestApi, stageName: string): string {
  const { region, urlSuffix } = Stack.of(api)
  return `https://${api.restApiId}.execute-api.${region}.${urlSuffix}/${stageName}`
}

function resourcesBelow(resource: IResource): IResource[] {
  const children = resource.node.children.filter(isResource)
  return [resource, ...children.flatMap(resourcesBelow)]
}

function isResource(construct: object): construct is IResource {
  return 'resourceForPath' in construct
}

/** One permission for each function, for all of the API: one for each path is more than Lambda keeps. */
function integrate(functions: Record<ApiFunction, IFunction>) {
  const integration = (lambda: IFunction) =>
    new LambdaIntegration(lambda, { scopePermissionToMethod: false })
  return {
    write: integration(functions.write),
    read: integration(functions.read),
    admin: integration(functions.admin),
    ops: integration(functions.ops),
    docs: integration(functions.docs),
  } satisfies Record<ApiFunction, LambdaIntegration>
}

function limits(): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    Object.values<Route>(ROUTES).map(({ path, method, rate }) => [
      `${path}/${method}`,
      throttle(rate),
    ]),
  )
}

function throttle(rate: RateClass) {
  const { perSecond, burst } = OVERALL_RATES[rate]
  return { throttlingRateLimit: perSecond, throttlingBurstLimit: burst }
}

function metricsOfRestApi(api: RestApi): DoorMetrics {
  return {
    requests: (options) => api.metricCount(options),
    failures: (options) => api.metricServerError(options),
    refusals: (options) => api.metricClientError(options),
    latency: (options) => api.metricLatency(options),
  }
}

function acceptRules(door: RestDoor): void {
  const byFunctions =
    'The functions verify every token and every signature themselves: docs/adr/0009-two-doors.md.'
  breaksRule(door, 'APIG4', byFunctions)
  breaksRule(door, 'COG4', byFunctions)
  breaksRule(
    door,
    'APIG2',
    'The functions check every part of a request by the schemas that the OpenAPI document is made of, and answer in the words of the API.',
  )
  breaksRule(
    door,
    'APIG6',
    'The access log has a line for each request, with the error; what API Gateway would log beside it is kept for ever, in a group that nobody made.',
  )
  breaksRule(
    door,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    'The role of API Gateway itself, for all REST APIs of an account, for which AWS asks for this policy. Nothing of ours has this role.',
  )
}
