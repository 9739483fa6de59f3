import { expect, test } from 'vitest'
import { NO_API_KEYS, readApiKeys } from '../../lib/http/auth/api-keys.ts'
import { synthesise } from './synthesise.ts'

const SECRET = 'AWS::SecretsManager::Secret'

/** With another id or another text, a deployment that runs would lose its keys to the next `cdk deploy`. */
test('what CloudFormation would write anew, if it changed, is what it always was', () => {
  const { data } = synthesise('prod')

  const [[id, secret] = []] = Object.entries(data.findResources(SECRET))

  expect(id).toBe('ApiKeys3BB3983D')
  expect(secret?.['Properties']).toEqual({
    Description: 'The keys that servers sign their requests with',
    SecretString: '{"version":1,"keys":[]}',
  })
})

test('a new deployment has no keys, in the words of those who read them', () => {
  const { data } = synthesise('dev')

  const [secret] = Object.values(data.findResources(SECRET))

  expect(readApiKeys(secret?.['Properties'].SecretString)).toEqual(NO_API_KEYS)
})

test.each([
  { stage: 'prod', policy: 'Retain' },
  { stage: 'dev', policy: 'Delete' },
] as const)('the keys of $stage: $policy', ({ stage, policy }) => {
  const { data } = synthesise(stage)

  const secrets = Object.values(data.findResources(SECRET))

  expect(secrets).toMatchObject([{ DeletionPolicy: policy, UpdateReplacePolicy: policy }])
})

test('where the keys are is an output', () => {
  const { data } = synthesise('dev')

  const outputs = data.findOutputs('ApiKeysSecretArn')

  const [id] = Object.keys(data.findResources(SECRET))
  expect(outputs).toEqual({ ApiKeysSecretArn: { Value: { Ref: id } } })
})
