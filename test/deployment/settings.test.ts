import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import cdk from '../../cdk.json' with { type: 'json' }
import { readSettings } from '../../infra/settings.ts'
import { WITH_EVERYTHING, WITH_ISSUER } from './synthesise.ts'

const ROOT = join(import.meta.dirname, '../..')

test('without any settings it is dev, and closed', () => {
  const read = readSettings(cdk.context)

  const settings = { stage: 'dev', tokens: undefined, corsOrigins: [], tracing: false }
  const off = { autoFreeze: false, webhooks: false }
  expect(read).toEqual({ kind: 'read', settings: { ...settings, ...off } })
})

test('what the CLI is given is read', () => {
  const read = readSettings({ ...cdk.context, ...WITH_EVERYTHING, stage: 'prod' })

  const { issuer, audience, operatorAudience, jwksUri } = WITH_EVERYTHING
  expect(read).toEqual({
    kind: 'read',
    settings: {
      stage: 'prod',
      tokens: { issuer, audience, operatorAudience, jwksUri },
      corsOrigins: ['https://play.example.com', 'https://office.example.com:8443'],
      tracing: true,
      rapidWithdrawalsCount: 5,
      rapidWithdrawalsWithinMs: 30_000,
      largeWithdrawalAmount: 250_000,
      autoFreeze: true,
      webhooks: true,
    },
  })
})

test('cdk.json may say true and 5 where the CLI can only say "true" and "5"', () => {
  const read = readSettings({ tracing: true, rapidWithdrawalsCount: 5 })

  expect(read).toMatchObject({ settings: { tracing: true, rapidWithdrawalsCount: 5 } })
})

test.each([
  {
    issuer: 'https://login.example.com/studio',
    jwksUri: 'https://login.example.com/studio/.well-known/jwks.json',
  },
  { issuer: 'https://example.com/', jwksUri: 'https://example.com/.well-known/jwks.json' },
  { issuer: 'https://example.com', jwksUri: 'https://example.com/.well-known/jwks.json' },
])('the issuer $issuer keeps its spelling, and its keys are looked for below it', (expected) => {
  const read = readSettings({ ...WITH_ISSUER, issuer: expected.issuer })

  expect(read).toMatchObject({ settings: { tokens: expected } })
})

test.each(['*', 'http://localhost:5173', 'https://a.example.com, https://b.example.com'])(
  'in dev, corsOrigins can be %j',
  (corsOrigins) => {
    const read = readSettings({ corsOrigins })

    expect(read).toMatchObject({ settings: { corsOrigins: corsOrigins.split(', ') } })
  },
)

const anIssuer = 'an https URL as the tokens spell it, such as https://login.example.com/studio'
const aList = 'a list of origins, such as https://a.example.com,https://b.example.com'

test.each([
  [{ stage: 'staging' }, 'The setting stage must be dev or prod, and is "staging".'],
  [{ tracing: 'yes' }, 'The setting tracing must be true or false, and is "yes".'],
  [
    { ...WITH_ISSUER, audience: '' },
    'The setting audience must be text without spaces, and is "".',
  ],
  [
    { ...WITH_ISSUER, jwksUri: 'http://example.com/keys' },
    'The setting jwksUri must be an https URL, and is "http://example.com/keys".',
  ],
  [
    { issuer: WITH_ISSUER.issuer },
    'The setting audience is missing: an issuer makes tokens for others, too.',
  ],
  [
    { audience: WITH_ISSUER.audience },
    'The setting issuer is missing: without one, no token is good, whomever it is for.',
  ],
  [
    { ...WITH_ISSUER, operatorAudience: WITH_ISSUER.audience },
    'The setting operatorAudience must differ from audience: it tells operators from players.',
  ],
  [
    { stage: 'prod', corsOrigins: '*' },
    'The setting corsOrigins must name its origins in prod: * is for dev.',
  ],
  [
    { isuer: 'https://example.com' },
    'There is no setting isuer. There are stage, issuer, audience, operatorAudience, jwksUri, corsOrigins, tracing, rapidWithdrawalsCount, rapidWithdrawalsWithinMs, largeWithdrawalAmount, autoFreeze, webhooks.',
  ],
] as const)('%j is refused: %s', (context, sentence) => {
  const read = readSettings(context)

  expect(read).toEqual({ kind: 'refused', sentences: [sentence] })
})

test.each([
  '',
  'login.example.com',
  'http://login.example.com',
  'https://Login.example.com',
  'https://login.example.com:443/studio',
  'https://login.example.com/studio?tenant=1',
  'https://somebody@login.example.com',
])('%j is no issuer', (issuer) => {
  const read = readSettings({ ...WITH_ISSUER, issuer })

  const sentence = `The setting issuer must be ${anIssuer}, and is ${JSON.stringify(issuer)}.`
  expect(read).toEqual({ kind: 'refused', sentences: [sentence] })
})

test.each([
  '',
  'play.example.com',
  'https://play.example.com/',
  'https://Play.example.com',
  'https://*.example.com',
  'https://play.example.com,',
  'null',
])('%j is no list of origins', (corsOrigins) => {
  const read = readSettings({ corsOrigins })

  const sentence = `The setting corsOrigins must be ${aList}, and is ${JSON.stringify(corsOrigins)}.`
  expect(read).toEqual({ kind: 'refused', sentences: [sentence] })
})

test.each(['', '0', '-1', '1.5', '1e3', '007', 'three', '101', '9007199254740993'])(
  '%j is no number of withdrawals',
  (rapidWithdrawalsCount) => {
    const read = readSettings({ rapidWithdrawalsCount })

    const value = JSON.stringify(rapidWithdrawalsCount)
    const sentence = `The setting rapidWithdrawalsCount must be a whole number from 1 to 100, and is ${value}.`
    expect(read).toEqual({ kind: 'refused', sentences: [sentence] })
  },
)

test('all that is wrong is said at once', () => {
  const read = readSettings({ stage: 'staging', tracing: 'yes' })

  expect(read).toMatchObject({ sentences: [expect.any(String), expect.any(String)] })
})

test('a deployment with a wrong setting ends in a sentence, and not in a stack trace', () => {
  const context = JSON.stringify({ stage: 'staging' })

  const { status, stderr, stdout } = spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    env: { CDK_CONTEXT_JSON: context },
    encoding: 'utf8',
  })

  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toBe('The setting stage must be dev or prod, and is "staging".\n')
})
