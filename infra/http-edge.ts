import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { type ApiFunction, FALLBACK_FUNCTION, ROUTES, type Route } from '../lib/http/routes.ts'

/** The route table as an HTTP API. */
export function createHttpEdge(
  scope: Construct,
  apiName: string,
  functions: Record<ApiFunction, IFunction>,
): HttpApi {
  // Left as it is, an integration lets API Gateway call for its own routes only. One permission for the whole
  // API (`scopePermissionToRoute: false`) would be shorter, but its pattern does not match `$default`.
  const integrations: Record<ApiFunction, HttpLambdaIntegration> = {
    write: new HttpLambdaIntegration('Write', functions.write),
    read: new HttpLambdaIntegration('Read', functions.read),
    admin: new HttpLambdaIntegration('Admin', functions.admin),
  }

  const api = new HttpApi(scope, 'Api', {
    apiName,
    // API Gateway's own answer to an unknown path is not a problem document.
    defaultIntegration: integrations[FALLBACK_FUNCTION],
  })
  for (const route of Object.values<Route>(ROUTES)) {
    api.addRoutes({
      path: route.path,
      methods: [HttpMethod[route.method]],
      integration: integrations[route.function],
    })
  }
  return api
}
