import { expect, test } from 'vitest'
import { STAGES } from '../../infra/stage.ts'
import { synthesise } from './synthesise.ts'
import { functionsIn } from './template.ts'

const FUNCTIONS = ['write', 'read', 'admin', 'sweep']

/** A REST API waits 29 s, an HTTP API 30. */
const GATEWAY_WAITS_SECONDS = 29

test('every function runs on Node 24 and arm64', () => {
  const { service } = synthesise('dev')

  const functions = functionsIn(service)

  expect(new Set(functions.map(({ name }) => name))).toEqual(new Set(FUNCTIONS))
  for (const { Runtime, Architectures, Handler } of functions) {
    expect({ Runtime, Architectures, Handler }).toEqual({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    })
  }
})

test('every function of the API ends by itself before API Gateway stops waiting for it', () => {
  const { service } = synthesise('prod')

  const ofTheApi = functionsIn(service).filter(({ name }) => name !== 'sweep')

  const timeouts = ofTheApi.map(({ Timeout }) => Timeout)
  expect(Math.max(...timeouts)).toBeLessThan(GATEWAY_WAITS_SECONDS)
})

test.each(STAGES)('in %s a function is told what it needs, and nobody is let in', (stage) => {
  const { service } = synthesise(stage)

  const settings = functionsIn(service).map(({ name, Environment }) => [
    name,
    new Set(Object.keys(Environment.Variables)),
  ])

  const everywhere = ['LEDGER_TABLE', 'NODE_OPTIONS', 'POWERTOOLS_SERVICE_NAME']
  expect(Object.fromEntries(settings)).toEqual({
    write: new Set(everywhere),
    read: new Set([...everywhere, 'CURSOR_SECRET']),
    admin: new Set(everywhere),
    sweep: new Set(everywhere),
  })
  expect(JSON.stringify(service.toJSON())).not.toContain('STRONGBOX_AUTH')
})

test('the secret of the cursors is in no template', () => {
  const { service } = synthesise('prod')

  const read = functionsIn(service).find(({ name }) => name === 'read')

  const [secretId] = Object.keys(service.findResources('AWS::SecretsManager::Secret'))
  expect(read?.Environment.Variables['CURSOR_SECRET']).toEqual({
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secretId }, ':SecretString:::}}']],
  })
})

test.each([
  { stage: 'dev', days: 7, policy: 'Delete' },
  { stage: 'prod', days: 90, policy: 'Retain' },
] as const)('in $stage every function has a log of its own, kept for $days days', (row) => {
  const { service } = synthesise(row.stage)

  const logs = functionsIn(service).map(({ LoggingConfig }) => LoggingConfig.LogGroup)

  const groups = service.findResources('AWS::Logs::LogGroup')
  expect(new Set(logs)).toEqual(new Set(Object.keys(groups)))
  for (const group of Object.values(groups)) {
    expect(group).toMatchObject({
      DeletionPolicy: row.policy,
      Properties: { RetentionInDays: row.days },
    })
  }
})
