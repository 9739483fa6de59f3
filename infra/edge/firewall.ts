import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'
import { CALLER_RATES } from '../../lib/http/rates.ts'
import type { Stage } from '../settings.ts'

const WITHIN_SECONDS = 300
/** A school or a mobile carrier has one address for many players: 33 requests a second end floods, and no game. */
const MOST_OF_PLAYERS = 10_000
/** A game server has one address, too, and signs what it sends. It may come as often as its key may. */
const MOST_OF_AN_ADDRESS = WITHIN_SECONDS * CALLER_RATES.server.write.perSecond

/** Lists that AWS keeps up to date. Not its core rules: they take bodies that are ours for attacks. */
const MANAGED_RULES = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
]

/** Whether rightly, the functions find out. */
const isSigned: CfnWebACL.StatementProperty = {
  sizeConstraintStatement: {
    fieldToMatch: { singleHeader: { Name: 'signature' } },
    comparisonOperator: 'GT',
    size: 0,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
}

function limited(
  name: string,
  priority: number,
  rate: Pick<CfnWebACL.RateBasedStatementProperty, 'limit' | 'scopeDownStatement'>,
): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    action: { block: {} },
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        evaluationWindowSec: WITHIN_SECONDS,
        ...rate,
      },
    },
    visibilityConfig: visible(name),
  }
}

/** In front of a REST API. What it blocks costs no function its time. */
export function createFirewall(scope: Construct, stage: Stage, protectedArn: string): void {
  const acl = new CfnWebACL(scope, 'Firewall', {
    scope: 'REGIONAL',
    description: 'What may not come to Strongbox at all',
    defaultAction: { allow: {} },
    visibilityConfig: visible(`strongbox-${stage}`),
    rules: [
      limited('TooManyFromOneAddress', 0, { limit: MOST_OF_AN_ADDRESS }),
      limited('TooManyFromOnePlayersAddress', 1, {
        limit: MOST_OF_PLAYERS,
        scopeDownStatement: { notStatement: { statement: isSigned } },
      }),
      ...MANAGED_RULES.map((name, index) => ({
        name,
        priority: index + 2,
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
