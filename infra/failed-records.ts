import { Duration } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { removalPolicyOf } from './removal-policy.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

/** Time enough to find out why, and to replay: what a record is about is in the ledger for ever. */
const KEPT_FOR = Duration.days(90)

/**
 * Where Lambda puts the records that the audit could not take, whole: docs/adr/0015-what-is-given-up-is-kept-whole.md.
 * In dev, CloudFormation takes it away with its stack only while nothing is in it: emptying it would take a function
 * that may delete.
 */
export function createFailedRecords(scope: Construct, stage: Stage): Bucket {
  const bucket = new Bucket(scope, 'FailedRecords', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: KEPT_FOR }],
    removalPolicy: removalPolicyOf(stage),
  })
  breaksRule(
    bucket,
    'S1',
    'Lambda alone writes it, on rare days, and an alarm tells of each time; a second bucket to log that would hold more than this one.',
  )
  return bucket
}
