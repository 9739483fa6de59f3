import { join } from 'node:path'
import type { Duration } from 'aws-cdk-lib'
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import {
  type BundlingOptions,
  LogLevel,
  NodejsFunction,
  OutputFormat,
} from 'aws-cdk-lib/aws-lambda-nodejs'
import { Construct } from 'constructs'
import type { ApiFunction } from '../../lib/http/routes.ts'
import { createLogGroup } from '../log-group.ts'
import type { Settings } from '../settings.ts'

/** Those that serve the API, the one that runs on a schedule, and those that something happening wakes. */
export type FunctionName = ApiFunction | 'sweep' | 'audit' | 'freeze' | 'webhooks'

export interface ServiceFunctionProps {
  /** The folder under functions/ that holds its handler. */
  readonly name: FunctionName
  readonly description: string
  readonly settings: Pick<Settings, 'stage' | 'tracing'>
  readonly timeout: Duration
  readonly environment: Readonly<Record<string, string>>
  readonly access: readonly PolicyStatement[]
  /** For what this function needs besides its code. */
  readonly bundling?: BundlingOptions
}

/** Adds one to the stack. */
export type AddFunction = (
  name: FunctionName,
  props: Omit<ServiceFunctionProps, 'name' | 'settings'>,
) => NodejsFunction

/**
 * Lambda gives CPU by memory, and one whole core only at 1,769 MB. A request mostly waits for DynamoDB, so a
 * core would stand idle; but loading the bundle and the first TLS handshake are CPU, and at the smallest
 * sizes a cold start takes seconds.
 */
const MEMORY_MB = 1024

const ROOT = join(import.meta.dirname, '../..')

const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourceMap: true,
  // A stack trace needs the positions only, and the sources would be most of what a cold start downloads.
  sourcesContent: false,
  // The SDK that was tested is the SDK that runs, and what we leave out of it is not loaded.
  bundleAwsSDK: true,
  logLevel: LogLevel.WARNING,
}

/** A Lambda function of ours, with a role and a log group that are nobody else's. */
export class ServiceFunction extends Construct {
  readonly lambda: NodejsFunction

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id)
    const { name, description, settings, timeout, environment, access, bundling } = props

    const logGroup = createLogGroup(this, 'Logs', settings.stage)
    // Not the role that Lambda would get by default: that one may write to every log group of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    logGroup.grantWrite(role)
    for (const statement of access) role.addToPolicy(statement)

    this.lambda = new NodejsFunction(this, 'Function', {
      description,
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      entry: join(ROOT, 'functions', name, 'handler.ts'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: MEMORY_MB,
      timeout,
      role,
      logGroup,
      // What Lambda sees by itself: how long each call and each cold start took. There is no tracer inside the
      // function: it would bring an SDK of its own into every bundle, to say what our metrics and logs say too.
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      bundling: { ...BUNDLING, ...bundling },
      // Of the SDK's version 2, which is not here.
      awsSdkConnectionReuse: false,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: `strongbox-${name}`,
        ...environment,
      },
    })
  }
}
