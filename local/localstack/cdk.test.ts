import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../infra/settings.ts'
import { cdkEnvironment } from './cdk.ts'
import { ENVIRONMENT } from './place.ts'
import { LOCALSTACK_SETTINGS } from './settings.ts'

const ROOT = join(import.meta.dirname, '../..')

const LOGGED_IN = {
  AWS_PROFILE: 'production',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
  AWS_SESSION_TOKEN: 'a session',
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL_CLOUDFORMATION: 'https://cloudformation.eu-central-1.amazonaws.com',
  CDK_DEFAULT_ACCOUNT: '123456789012',
}

test('the CDK hears of LocalStack, and of no account that somebody is logged in to', () => {
  const env = cdkEnvironment({ PATH: '/bin', ...LOGGED_IN })

  expect(env).toEqual({
    PATH: '/bin',
    AWS_ENDPOINT_URL: 'http://localhost.localstack.cloud:4566',
    AWS_ENDPOINT_URL_S3: 'http://s3.localhost.localstack.cloud:4566',
  })
})

test('the CDK that is installed here sends what it has to say to that endpoint, signed by nobody', async () => {
  const { endpoint, signers, stop } = await startRefusing()
  const environment = cdkEnvironment({ ...process.env, ...LOGGED_IN })
  const env = { ...environment, AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }

  const cdk = spawn('cdklocal', ['bootstrap', ENVIRONMENT], { cwd: ROOT, env, stdio: 'ignore' })
  const [code] = await once(cdk, 'exit')
  await stop()

  expect(code).toBe(1)
  expect(new Set(signers)).toEqual(new Set(['test']))
})

test('what is deployed there, the app takes for settings', () => {
  const read = readSettings(LOCALSTACK_SETTINGS)

  expect(read).toMatchObject({ kind: 'read', settings: { stage: 'dev', edge: 'rest' } })
})

/** An AWS that lets nobody in. */
async function startRefusing() {
  const signers: string[] = []
  const server = createServer((request, response) => {
    signers.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody')
    response.statusCode = 400
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('there is no address')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    signers,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
