import { expect, test } from 'vitest'
import { readOutputs } from './outputs.ts'

const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiKeys-abc'

test.each([
  'https://a1b2c3d4e5.execute-api.localhost.localstack.cloud:4566/dev',
  'https://a1b2c3d4e5.execute-api.us-east-1.localhost.localstack.cloud/dev',
  'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/dev/',
])('%s is called by a name that leads to this machine', (given) => {
  const { url } = readOutputs(outputs({ ApiUrl: given }))

  expect(url).toBe('http://a1b2c3d4e5.execute-api.localhost.localstack.cloud:4566/dev')
})

test('the secret of the API keys is found, among all that else is written down', () => {
  const { apiKeysSecretArn } = readOutputs(
    outputs({ ApiUrl: 'https://a.execute-api.localhost.localstack.cloud:4566/dev', Other: '1' }),
  )

  expect(apiKeysSecretArn).toBe(SECRET)
})

test.each([{}, { ApiUrl: 'https://wallet.example.com' }])(
  'outputs without the API, such as %j, are told of in words',
  (given) => {
    expect(() => readOutputs(outputs(given))).toThrow(/outputs of the deployment.*ApiUrl/s)
  },
)

function outputs(service: Record<string, string>): string {
  return JSON.stringify({
    'strongbox-dev-data': { ApiKeysSecretArn: SECRET, LedgerTableName: 'ledger' },
    'strongbox-dev-service': service,
  })
}
