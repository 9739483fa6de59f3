import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import cdk from '../../cdk.json' with { type: 'json' }
import { readSettings } from '../../infra/settings.ts'
import { CERTIFICATE, WITH_EVERYTHING, WITH_ISSUER, WITH_NAMES, WITH_REST } from './synthesise.ts'

const ROOT = join(import.meta.dirname, '../..')

test('without any settings it is dev, and closed', () => {
  const read = readSettings(cdk.context)

  expect(read).toEqual({
    kind: 'read',
    settings: {
      stage: 'dev',
      edge: 'http',
      tokens: undefined,
      domain: undefined,
      corsOrigins: [],
      tracing: false,
      autoFreeze: false,
      webhooks: false,
      canary: false,
      onlyByName: false,
      console: true,
      waf: false,
      reservedConcurrency: false,
      logRetentionDays: 7,
      p99AlarmMs: 1_500,
      conflictsAlarmPerMinute: 600,
    },
  })
})

test('what the CLI is given is read', () => {
  const read = readSettings({ ...cdk.context, ...WITH_EVERYTHING, ...WITH_NAMES, stage: 'prod' })

  const { issuer, audience, operatorAudience, playerClaim, jwksUri } = WITH_EVERYTHING
  expect(read).toEqual({
    kind: 'read',
    settings: {
      stage: 'prod',
      tokens: { issuer, audience, operatorAudience, playerClaim, jwksUri },
      corsOrigins: ['https://play.example.com', 'https://office.example.com:8443'],
      tracing: true,
      rapidWithdrawalsCount: 5,
      rapidWithdrawalsWithinMs: 30_000,
      largeWithdrawalAmount: 250_000,
      autoFreeze: true,
      webhooks: true,
      canary: true,
      onlyByName: false,
      edge: 'http',
      domain: WITH_NAMES,
      console: true,
      waf: false,
      reservedConcurrency: true,
      logRetentionDays: 90,
      alarmEmail: 'on-call@example.com',
      p99AlarmMs: 800,
      conflictsAlarmPerMinute: 300,
    },
  })
})

test('what only a REST API has is read where it is the edge', () => {
  const read = readSettings({ ...WITH_REST, logRetentionDays: '365', reservedConcurrency: 'true' })

  expect(read).toMatchObject({
    settings: {
      edge: 'rest',
      waf: true,
      usagePlanRequestsPerDay: 5_000_000,
      logRetentionDays: 365,
      reservedConcurrency: true,
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
    { alarmEmail: 'on call' },
    'The setting alarmEmail must be an e-mail address, and is "on call".',
  ],
  [
    { logRetentionDays: '8' },
    'The setting logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, and is "8".',
  ],
  [
    { domainName: 'https://wallet.example.com', certificateArn: CERTIFICATE },
    'The setting domainName must be the name of a host, such as wallet.example.com, and is "https://wallet.example.com".',
  ],
  [
    { domainName: 'wallet.example.com', certificateArn: 'arn:aws:iam::1:server-certificate/a' },
    'The setting certificateArn must be the ARN of a certificate of AWS Certificate Manager, and is "arn:aws:iam::1:server-certificate/a".',
  ],
  [
    { domainName: 'wallet.example.com' },
    'The settings domainName and certificateArn go together: API Gateway serves no name without a certificate.',
  ],
  [
    { ...WITH_ISSUER, signedDomainName: 'servers.example.com' },
    'The setting domainName is missing: signedDomainName is for the second door.',
  ],
  [
    { ...WITH_ISSUER, ...WITH_NAMES, signedDomainName: WITH_NAMES.domainName },
    'The setting signedDomainName must differ from domainName: each door has a name of its own.',
  ],
  [
    { ...WITH_NAMES },
    'The setting signedDomainName is for two doors, and there is one: domainName names it.',
  ],
  [
    { ...WITH_ISSUER, ...WITH_NAMES, edge: 'rest' },
    'The setting signedDomainName is for two doors, and there is one: domainName names it.',
  ],
  [
    { onlyByName: 'true' },
    'The setting domainName is missing: onlyByName closes all other ways in.',
  ],
  [
    {
      ...WITH_ISSUER,
      domainName: 'wallet.example.com',
      certificateArn: CERTIFICATE,
      onlyByName: 'true',
    },
    'The setting signedDomainName is missing: with onlyByName, nobody could reach the door for signatures.',
  ],
  [
    { edge: 'rest', usagePlanRequestsPerDay: '2147483648' },
    'The setting usagePlanRequestsPerDay must be a whole number from 1 to 2147483647, and is "2147483648".',
  ],
  [{ waf: 'true' }, 'The setting waf needs edge=rest: AWS WAF cannot stand before an HTTP API.'],
  [
    { usagePlanRequestsPerDay: '1000' },
    'The setting usagePlanRequestsPerDay needs edge=rest: an HTTP API has no usage plans.',
  ],
] as const)('%j is refused: %s', (context, sentence) => {
  const read = readSettings(context)

  expect(read).toEqual({ kind: 'refused', sentences: [sentence] })
})

test('a name that is no setting is refused, with those that there are', () => {
  const read = readSettings({ isuer: 'https://example.com' })

  const sentence = expect.stringMatching(
    /^There is no setting isuer. There are stage, edge, issuer,/,
  )
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
