import { CfnOutput } from 'aws-cdk-lib'
import { Period } from 'aws-cdk-lib/aws-apigateway'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { OVERALL_RATES } from '../../lib/http/rates.ts'
import type { ApiFunction } from '../../lib/http/routes.ts'
import { asRestApi } from '../constructs/cdk-types.ts'
import { createLogGroup } from '../log-group.ts'
import { breaksRule } from '../rules-of-aws.ts'
import type { Settings } from '../settings.ts'
import { createFirewall } from './firewall.ts'
import { RestDoor } from './rest-door.ts'

/**
 * One door for tokens and signatures: API Gateway verifies neither here, and the functions always do. What a REST API
 * costs more buys usage plans and a firewall.
 */
export function createRestEdge(
  scope: Construct,
  settings: Settings,
  functions: Record<ApiFunction, IFunction>,
): { readonly rest: RestDoor } {
  const { stage, tracing, corsOrigins, waf, usagePlanRequestsPerDay } = settings
  const door = new RestDoor(scope, 'RestDoor', {
    apiName: `strongbox-${stage}`,
    stageName: stage,
    functions,
    logGroup: createLogGroup(scope, 'AccessLogs', settings),
    traced: tracing,
    readByBrowsers: corsOrigins.length > 0,
    keyRequired: usagePlanRequestsPerDay !== undefined,
    name: settings.onlyByName ? settings.domain?.domainName : undefined,
  })
  new CfnOutput(scope, 'ApiUrl', { value: door.url })
  if (waf) createFirewall(scope, stage, door.api.deploymentStage.stageArn)
  else breaksRule(door, 'APIG3', 'A firewall costs by the month, so it is a setting: -c waf=true.')
  if (usagePlanRequestsPerDay !== undefined) addUsagePlan(scope, door, usagePlanRequestsPerDay)
  return { rest: door }
}

/**
 * The key is no credential: it says whose requests these are, so that they can be counted. More keys, each with the
 * same limits, are added to the plan by hand.
 */
function addUsagePlan(scope: Construct, { api }: RestDoor, requestsPerDay: number): void {
  const { perSecond, burst } = OVERALL_RATES.write
  const plan = api.addUsagePlan('UsagePlan', {
    throttle: { rateLimit: perSecond, burstLimit: burst },
    quota: { limit: requestsPerDay, period: Period.DAY },
    apiStages: [{ api: asRestApi(api), stage: api.deploymentStage }],
  })
  const key = api.addApiKey('UsagePlanKey')
  plan.addApiKey(key)
  new CfnOutput(scope, 'UsagePlanId', { value: plan.usagePlanId })
  new CfnOutput(scope, 'UsagePlanKeyId', { value: key.keyId })
}
