import {
  CfnStage,
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { OVERALL_RATES, type RateClass } from '../../lib/http/rates.ts'
import {
  type ApiFunction,
  FALLBACK_FUNCTION,
  ROUTES,
  type Route,
  routeKey,
} from '../../lib/http/routes.ts'
import { breaksRule } from '../rules-of-aws.ts'
import { httpAccessLogFormat } from './access-log-format.ts'
import type { Door, DoorMetrics } from './door.ts'

export interface HttpDoorProps {
  readonly apiName: string
  readonly functions: Record<ApiFunction, IFunction>
  readonly logGroup: ILogGroup
  /** Who asks for a token at every route that is not public. Nobody, where the functions alone find out. */
  readonly authorizer?: IHttpRouteAuthorizer
  readonly corsPreflight?: CorsPreflightOptions
  /** The only name that it has, if the one that API Gateway gave it is closed. */
  readonly name?: string | undefined
}

/** The route table as an HTTP API. */
export class HttpDoor extends Construct implements Door {
  readonly apiId: string
  readonly stageName: string
  readonly url: string
  readonly metrics: DoorMetrics

  constructor(scope: Construct, id: string, props: HttpDoorProps) {
    super(scope, id)
    const { apiName, functions, logGroup, authorizer, corsPreflight, name } = props

    const integrations = integrate(functions)
    const api = new HttpApi(this, 'Api', {
      apiName,
      // API Gateway's own answer to an unknown path is not a problem document.
      defaultIntegration: integrations[FALLBACK_FUNCTION],
      createDefaultStage: false,
      disableExecuteApiEndpoint: name !== undefined,
      ...(corsPreflight && { corsPreflight }),
    })
    // Named by the CDK, which makes it with the API.
    breaksRule(
      api.node.findChild('DefaultRoute'),
      'APIG4',
      'It tells everybody that a path is unknown.',
    )
    const routes = Object.values<Route>(ROUTES).flatMap(({ path, method, access, ...route }) => {
      const isPublic = access.kind === 'public'
      const added = api.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration: integrations[route.function],
        ...(authorizer && !isPublic && { authorizer }),
      })
      if (isPublic) for (const each of added) breaksRule(each, 'APIG4', 'It is for everybody.')
      return added
    })
    if (!authorizer) {
      breaksRule(
        this,
        'APIG4',
        'API Gateway cannot verify the signature of a request; the functions do: docs/adr/0009-two-doors.md.',
      )
    }
    const stage = this.addStage(api, routes, {
      destinationArn: logGroup.logGroupArn,
      format: httpAccessLogFormat(apiName).toString(),
    })
    this.apiId = api.apiId
    this.stageName = stage.stageName
    this.url = name === undefined ? api.apiEndpoint : `https://${name}`
    this.metrics = metricsOfHttpApi(api)
  }

  private addStage(
    { apiId }: HttpApi,
    routes: readonly HttpRoute[],
    accessLogSettings: CfnStage.AccessLogSettingsProperty,
  ): CfnStage {
    const { perSecond, burst } = OVERALL_RATES.read
    const stage = new CfnStage(this, 'Stage', {
      apiId,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings,
      // For unknown paths. All others have their own.
      defaultRouteSettings: { throttlingRateLimit: perSecond, throttlingBurstLimit: burst },
      routeSettings: Object.fromEntries(
        Object.values<Route>(ROUTES).map((route) => [routeKey(route), throttle(route.rate)]),
      ),
    })
    // API Gateway refuses the settings of a route that is not there yet.
    stage.node.addDependency(...routes)
    return stage
  }
}

function metricsOfHttpApi(api: HttpApi): DoorMetrics {
  return {
    requests: (props) => api.metricCount(props),
    failures: (props) => api.metricServerError(props),
    refusals: (props) => api.metricClientError(props),
    latency: (props) => api.metricLatency(props),
  }
}

/**
 * Left as it is, an integration lets API Gateway call for its own routes only. One permission for the whole API
 * (`scopePermissionToRoute: false`) would be shorter, but its pattern does not match `$default`.
 */
function integrate(
  functions: Record<ApiFunction, IFunction>,
): Record<ApiFunction, HttpLambdaIntegration> {
  return {
    write: new HttpLambdaIntegration('Write', functions.write),
    read: new HttpLambdaIntegration('Read', functions.read),
    admin: new HttpLambdaIntegration('Admin', functions.admin),
    ops: new HttpLambdaIntegration('Ops', functions.ops),
    docs: new HttpLambdaIntegration('Docs', functions.docs),
  }
}

/**
 * As CloudFormation spells it; the CDK passes it on unread. Each route has this much to itself, so all of them
 * together let in far more. What ends that is the account: for all its APIs in a region it has 10,000 requests
 * a second and 5,000 at once, unless AWS gave it more, or it is new or in a small region and has less.
 */
function throttle(rate: RateClass) {
  const { perSecond, burst } = OVERALL_RATES[rate]
  return { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst }
}
