import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy'
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { Functions } from './alarms/function-alarms.ts'
import type { FunctionName } from './constructs/service-function.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

/** Long enough for a bug in a path that is not often taken to be met, and for its alarm to be raised. */
const ONE_IN_TEN_FIRST = LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES

/** One in ten of their runs is one in an hour, and nobody would learn anything from it in time. They move no money. */
const RUN_BY_THE_CLOCK = new Set<FunctionName>(['watch', 'canary'])

export interface GradualReleaseProps {
  readonly stage: Stage
  readonly functions: Functions
  /** Of each function. */
  readonly failures: ReadonlyMap<FunctionName, Alarm>
  /** Of all of them. */
  readonly overall: readonly Alarm[]
}

/**
 * A new version gets one request in ten, and the rest ten minutes later. With the first alarm, all of them go back to
 * the version that was live before, and the deployment is rolled back.
 */
export function releaseGradually(
  parent: Construct,
  { stage, functions, failures, overall }: GradualReleaseProps,
): void {
  const scope = new Construct(parent, 'Releases')
  const application = new LambdaApplication(scope, 'Application', {
    applicationName: `strongbox-${stage}`,
  })
  const role = new Role(scope, 'Role', {
    description: 'Moves requests from one version of a function to the next',
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
    managedPolicies: [
      ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSCodeDeployRoleForLambdaLimited'),
    ],
  })
  breaksRule(
    role,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    'CodeDeploy asks for this one by name, and AWS keeps it up with what CodeDeploy does. Nothing of ours has this role.',
  )
  for (const [name, { alias }] of functions) {
    if (RUN_BY_THE_CLOCK.has(name)) continue
    const failure = failures.get(name)
    new LambdaDeploymentGroup(scope, name, {
      application,
      role,
      alias,
      deploymentConfig: ONE_IN_TEN_FIRST,
      alarms: failure ? [failure, ...overall] : [...overall],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    })
  }
}
