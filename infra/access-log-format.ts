import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'

/**
 * One line for each request that comes to a door, also when no function hears of it. Neither credentials nor the
 * query are in it, and no path: that names a wallet. The functions' own lines have the request's id as their
 * `correlation_id`. All values are quoted, because one that is missing is written as a bare dash.
 */
export function accessLogFormat(apiName: string): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      api: apiName,
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTime(),
      ip: AccessLogField.contextIdentitySourceIp(),
      routeKey: AccessLogField.contextRouteKey(),
      status: AccessLogField.contextStatus(),
      latencyMs: AccessLogField.contextResponseLatency(),
      error: AccessLogField.contextErrorMessage(),
      integrationError: AccessLogField.contextIntegrationErrorMessage(),
      authorizerError: AccessLogField.contextAuthorizerError(),
    }),
  )
}
