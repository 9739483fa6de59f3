import { CfnOutput, Duration } from 'aws-cdk-lib'
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { CORS_ANSWER_HEADERS, CORS_METHODS, CORS_REQUEST_HEADERS } from '../../lib/http/cors.ts'
import type { ApiFunction } from '../../lib/http/routes.ts'
import { createLogGroup } from '../log-group.ts'
import type { Settings, TokenSettings } from '../settings.ts'
import { HttpDoor } from './http-door.ts'

const PREFLIGHT_IS_GOOD_FOR = Duration.hours(1)

/** Two doors to the same functions, for what proves a caller in two ways: docs/adr/0009-two-doors.md. */
export function createHttpEdge(
  scope: Construct,
  settings: Settings,
  functions: Record<ApiFunction, IFunction>,
): Readonly<Record<string, HttpDoor>> {
  const { stage, tokens, corsOrigins, domain, onlyByName } = settings
  const logGroup = createLogGroup(scope, 'AccessLogs', settings)

  const signature = new HttpDoor(scope, 'SignatureDoor', {
    apiName: `strongbox-${stage}-signature`,
    functions,
    logGroup,
    name: onlyByName ? nameOfSignatureDoor(settings) : undefined,
  })
  new CfnOutput(scope, 'SignedApiUrl', { value: signature.url })

  if (!tokens) return { signature }
  const token = new HttpDoor(scope, 'TokenDoor', {
    apiName: `strongbox-${stage}-token`,
    functions,
    logGroup,
    authorizer: createAuthorizer(tokens),
    ...(corsOrigins.length > 0 && { corsPreflight: preflight(corsOrigins) }),
    name: onlyByName ? domain?.domainName : undefined,
  })
  new CfnOutput(scope, 'TokenApiUrl', { value: token.url })
  return { signature, token }
}

/** The only door has the first name. Beside another one, it has a name only if it is given one. */
function nameOfSignatureDoor({ tokens, domain }: Settings): string | undefined {
  return tokens ? domain?.signedDomainName : domain?.domainName
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
