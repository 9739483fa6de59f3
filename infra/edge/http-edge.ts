import { CfnOutput, Duration } from 'aws-cdk-lib'
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { CORS_ANSWER_HEADERS, CORS_METHODS, CORS_REQUEST_HEADERS } from '../../lib/http/cors.ts'
import type { ApiFunction } from '../../lib/http/routes.ts'
import { createLogGroup } from '../log-group.ts'
import type { Settings, TokenSettings } from '../settings.ts'
import type { DoorDomain } from './door.ts'
import { HttpDoor } from './http-door.ts'

const PREFLIGHT_IS_GOOD_FOR = Duration.hours(1)

/** Two doors to the same functions, for what proves a caller in two ways: docs/adr/0009-two-doors.md. */
export function createHttpEdge(
  scope: Construct,
  settings: Settings,
  functions: Record<ApiFunction, IFunction>,
): Readonly<Record<string, HttpDoor>> {
  const { stage, tokens, corsOrigins, domain } = settings
  const logGroup = createLogGroup(scope, 'AccessLogs', settings)

  const signature = new HttpDoor(scope, 'SignatureDoor', {
    apiName: `strongbox-${stage}-signature`,
    functions,
    logGroup,
    domain: signatureDomain(settings),
  })
  new CfnOutput(scope, 'SignedApiUrl', { value: signature.url })

  if (!tokens) return { signature }
  const token = new HttpDoor(scope, 'TokenDoor', {
    apiName: `strongbox-${stage}-token`,
    functions,
    logGroup,
    authorizer: createAuthorizer(tokens),
    ...(corsOrigins.length > 0 && { corsPreflight: preflight(corsOrigins) }),
    domain,
  })
  new CfnOutput(scope, 'TokenApiUrl', { value: token.url })
  return { signature, token }
}

/** The only door has the only name. Beside another one, it has a name only if it is given one. */
function signatureDomain({ tokens, domain }: Settings): DoorDomain | undefined {
  if (!tokens || !domain) return domain
  const { signedDomainName, certificateArn } = domain
  return signedDomainName === undefined
    ? undefined
    : { domainName: signedDomainName, certificateArn }
}

function createAuthorizer({ issuer, audience, operatorAudience }: TokenSettings) {
  return new HttpJwtAuthorizer('Tokens', issuer, {
    identitySource: ['$request.header.Authorization'],
    jwtAudience: operatorAudience === undefined ? [audience] : [audience, operatorAudience],
  })
}

/** Said to API Gateway, so that its own 401 and 429 can be read by the page that caused them. */
function preflight(origins: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: [...origins],
    allowMethods: CORS_METHODS.map((method) => CorsHttpMethod[method]),
    allowHeaders: [...CORS_REQUEST_HEADERS],
    exposeHeaders: [...CORS_ANSWER_HEADERS],
    maxAge: PREFLIGHT_IS_GOOD_FOR,
  }
}
