import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'
import type { Stage } from '../settings.ts'

/** A school or a mobile carrier has one address for many players: this ends floods, and no game. */
const MOST_REQUESTS_OF_AN_ADDRESS = 10_000
const WITHIN_SECONDS = 300

/** Lists that AWS keeps up to date. Not its core rules: they take bodies that are ours for attacks. */
const MANAGED_RULES = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
]

/** In front of a REST API. What it blocks costs no function its time. */
export function createFirewall(scope: Construct, stage: Stage, protectedArn: string): void {
  const acl = new CfnWebACL(scope, 'Firewall', {
    scope: 'REGIONAL',
    description: 'What may not come to Strongbox at all',
    defaultAction: { allow: {} },
    visibilityConfig: visible(`strongbox-${stage}`),
    rules: [
      {
        name: 'TooManyFromOneAddress',
        priority: 0,
        action: { block: {} },
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            limit: MOST_REQUESTS_OF_AN_ADDRESS,
            evaluationWindowSec: WITHIN_SECONDS,
          },
        },
        visibilityConfig: visible('TooManyFromOneAddress'),
      },
      ...MANAGED_RULES.map((name, index) => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
        visibilityConfig: visible(name),
      })),
    ],
  })
  new CfnWebACLAssociation(scope, 'FirewallBeforeApi', {
    resourceArn: protectedArn,
    webAclArn: acl.attrArn,
  })
}

function visible(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true }
}
