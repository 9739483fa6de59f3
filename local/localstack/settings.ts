import { ISSUER, OPERATOR_AUDIENCE, PLAYER_AUDIENCE } from '../issuer.ts'
import { ISSUER_KEYS } from './place.ts'

/** What is deployed to LocalStack: as to AWS, by settings alone. */
export const LOCALSTACK_SETTINGS = {
  stage: 'dev',
  // Neither the free plan of LocalStack nor its last version without an account has HTTP APIs.
  edge: 'rest',
  issuer: ISSUER,
  audience: PLAYER_AUDIENCE,
  operatorAudience: OPERATOR_AUDIENCE,
  jwksUri: ISSUER_KEYS.url,
  // LocalStack makes no dashboards and no saved queries.
  console: 'false',
} as const satisfies Readonly<Record<string, string>>
