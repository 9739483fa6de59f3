import { join } from 'node:path'
import { type Duration, RemovalPolicy } from 'aws-cdk-lib'
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Alias, Architecture, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import { type BundlingOptions, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { ApiFunction } from '../../lib/http/routes.ts'
import { namespaceOf, serviceName } from '../alarms/metrics.ts'
import { bundlingOptions } from '../bundling/options.ts'
import { createLogGroup } from '../log-group.ts'
import { breaksRule } from '../rules-of-aws.ts'
import type { Settings } from '../settings.ts'
import { asFunction, asVersion } from './cdk-types.ts'

/** Those that serve the API, those that run by the clock, and those that something happening wakes. */
export type FunctionName =
  | ApiFunction
  | 'sweep'
  | 'audit'
  | 'watch'
  | 'canary'
  | 'freeze'
  | 'webhooks'

export interface ServiceFunctionProps {
  /** The folder under functions/ that holds its handler. */
  readonly name: FunctionName
  readonly description: string
  readonly settings: Settings
  readonly timeout: Duration
  readonly environment: Readonly<Record<string, string>>
  readonly access: readonly PolicyStatement[]
  /**
   * So many can always run, whatever else the account is busy with, and never more. They are taken from all others,
   * so this is for what must have its turn, and for what must not take everybody's.
   */
  readonly reservedConcurrency?: number
  /** For what this function needs besides its code. */
  readonly bundling?: BundlingOptions
}

/** Adds one to the stack. */
export type AddFunction = (
  name: FunctionName,
  props: Omit<ServiceFunctionProps, 'name' | 'settings'>,
) => ServiceFunction

/**
 * Lambda gives CPU by memory, and one whole core only at 1,769 MB. A request mostly waits for DynamoDB, so a
 * core would stand idle; but loading the bundle and the first TLS handshake are CPU, and at the smallest
 * sizes a cold start takes seconds.
 */
const MEMORY_MB = 1024

const ROOT = join(import.meta.dirname, '../..')

/** What everybody calls: the version that is live. Where to find the others, docs/deploy.md says. */
const LIVE = 'live'

/** A Lambda function of ours, with a role and a log group that are nobody else's. */
export class ServiceFunction extends Construct {
  readonly functionName: string
  readonly logGroup: ILogGroup
  /** Nothing calls the function but by this name, or a new version would be live before anybody knows how it does. */
  readonly live: IFunction
  readonly alias: Alias

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id)
    const { name, description, settings, timeout, environment, access, bundling } = props
    const { reservedConcurrency } = props

    this.logGroup = createLogGroup(this, 'Logs', settings)
    // Not the role that Lambda would get by default: that one may write to every log group of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    this.logGroup.grantWrite(role)
    for (const statement of access) role.addToPolicy(statement)

    const lambda = new NodejsFunction(this, 'Function', {
      description: settings.release ? `${description} (${settings.release})` : description,
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      entry: join(ROOT, 'functions', name, 'handler.ts'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: MEMORY_MB,
      timeout,
      role,
      logGroup: this.logGroup,
      ...(settings.reservedConcurrency &&
        reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      // What was live is what one goes back to.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      // What Lambda sees by itself: how long each call and each cold start took. There is no tracer inside the
      // function: it would bring an SDK of its own into every bundle, to say what our metrics and logs say too.
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      bundling: { ...bundlingOptions(this), ...bundling },
      // Of the SDK's version 2, which is not here.
      awsSdkConnectionReuse: false,
      environment: {
        POWERTOOLS_SERVICE_NAME: serviceName(name),
        POWERTOOLS_METRICS_NAMESPACE: namespaceOf(settings.stage),
        ...environment,
      },
    })
    if (settings.tracing) {
      breaksRule(
        role,
        'IAM5[Resource::*]',
        'X-Ray has no resources that a trace could be limited to.',
      )
    }
    this.functionName = lambda.functionName
    this.alias = new Alias(this, 'Live', {
      aliasName: LIVE,
      version: asVersion(lambda.currentVersion),
    })
    this.live = asFunction(this.alias)
  }
}
