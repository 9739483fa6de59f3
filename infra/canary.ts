import { CfnOutput, Duration, SecretValue } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { AddFunction, ServiceFunction } from './constructs/service-function.ts'
import type { Doors } from './edge/door.ts'
import { removalPolicyOf } from './removal-policy.ts'
import { breaksRule } from './rules-of-aws.ts'
import { createSchedule } from './schedule.ts'
import type { Stage } from './settings.ts'

/** What one walk has set aside and could not give back is given back by itself before the next one: lib/smoke/limits.ts. */
const EVERY = Duration.minutes(5)

/** A walk takes 90 s at most, tidying up 20 s, and before them the key is read, which may use up 2 attempts of 1.5 s. */
const TIMEOUT = Duration.seconds(120)

export interface CanaryProps {
  readonly addFunction: AddFunction
  readonly stage: Stage
  readonly doors: Doors
}

/** Walks through the API from outside, as a game does, and knows of the rest of the deployment nothing. */
export function createCanary(
  scope: Construct,
  { addFunction, stage, doors }: CanaryProps,
): ServiceFunction {
  const key = createCanaryKey(scope, stage)
  const canary = addFunction('canary', {
    description: 'Does with money what games do, and tells whether it was right',
    timeout: TIMEOUT,
    environment: { CANARY_URL: urlForSignatures(doors), CANARY_KEY_SECRET: key.secretArn },
    access: [
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [key.secretArn],
      }),
    ],
  })
  createSchedule(scope, 'CanarySchedule', {
    description: 'Lets the canary sing',
    every: EVERY,
    target: canary.live,
  })
  new CfnOutput(scope, 'CanaryKeySecretArn', { value: key.secretArn })
  return canary
}

/** A REST API has one door for everybody. */
function urlForSignatures({ signature, rest }: Doors): string {
  const door = signature ?? rest
  if (!door) throw new Error('there is no door that takes signatures')
  return door.url
}

/**
 * That there is no key yet; `npm run keys` puts one in later. As with the API keys, CloudFormation would write this text
 * again if it were another than last time, so it stays what it is, and so does the id. It holds one key and nothing
 * else: those of all others are in a secret that the canary may not read.
 */
function createCanaryKey(scope: Construct, stage: Stage): Secret {
  const key = new Secret(scope, 'CanaryKey', {
    description: 'What the canary signs its requests with',
    secretStringValue: SecretValue.unsafePlainText('{}'),
    removalPolicy: removalPolicyOf(stage),
  })
  breaksRule(
    key,
    'SMG4',
    'Its other half is among the API keys: `npm run keys` rotates both together, with two of them good meanwhile.',
  )
  return key
}
