import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Settings } from './settings.ts'

/** What functions/callers.ts asks for, to know who is calling. What is not configured is not there. */
export function callerEnvironment(
  { tokens, corsOrigins }: Pick<Settings, 'tokens' | 'corsOrigins'>,
  apiKeys: Pick<Secret, 'secretArn'>,
): Record<string, string> {
  return {
    API_KEYS_SECRET: apiKeys.secretArn,
    ...(tokens && {
      JWT_ISSUER: tokens.issuer,
      JWT_AUDIENCE: tokens.audience,
      JWT_JWKS_URI: tokens.jwksUri,
      ...(tokens.operatorAudience && { JWT_OPERATOR_AUDIENCE: tokens.operatorAudience }),
      ...(tokens.playerClaim && { JWT_PLAYER_CLAIM: tokens.playerClaim }),
    }),
    ...corsEnvironment({ corsOrigins }),
  }
}

export function corsEnvironment({
  corsOrigins,
}: Pick<Settings, 'corsOrigins'>): Record<string, string> {
  return corsOrigins.length > 0 ? { CORS_ORIGINS: corsOrigins.join(',') } : {}
}

/** Not `grantRead`, which would let them describe the secret, too. */
export function apiKeysAccess({ secretArn }: Pick<Secret, 'secretArn'>): PolicyStatement {
  return new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] })
}
