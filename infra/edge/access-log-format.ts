import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'

/**
 * One line for each request that comes to a door, also when no function hears of it. Neither credentials nor the
 * query are in it, and no path: that names a wallet. The functions' own lines have the request's id as their
 * `correlation_id`. All values are quoted, because one that is missing is written as a bare dash.
 */
export function httpAccessLogFormat(apiName: string): AccessLogFormat {
  return lineOf(apiName, {
    routeKey: AccessLogField.contextRouteKey(),
    authorizerError: AccessLogField.contextAuthorizerError(),
  })
}

/** A REST API has other words for the same, and can tell what a firewall said. */
export function restAccessLogFormat(apiName: string): AccessLogFormat {
  return lineOf(apiName, {
    routeKey: `${AccessLogField.contextHttpMethod()} ${AccessLogField.contextResourcePath()}`,
    responseType: AccessLogField.contextErrorResponseType(),
    waf: AccessLogField.contextWafResponseCode(),
  })
}

function lineOf(apiName: string, ofEdge: Readonly<Record<string, string>>): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      api: apiName,
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTime(),
      ip: AccessLogField.contextIdentitySourceIp(),
      status: AccessLogField.contextStatus(),
      latencyMs: AccessLogField.contextResponseLatency(),
      error: AccessLogField.contextErrorMessage(),
      integrationError: AccessLogField.contextIntegrationErrorMessage(),
      ...ofEdge,
    }),
  )
}
