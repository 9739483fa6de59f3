import { readFileSync } from 'node:fs'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, test } from 'vitest'
import { OPENAPI_FILE } from '../support/openapi.ts'

test("the document keeps all of Redocly's recommended rules, without an error or a warning", async () => {
  const config = await createConfig({ extends: ['recommended'] })

  const found = await lintFromString({
    source: readFileSync(OPENAPI_FILE, 'utf8'),
    absoluteRef: OPENAPI_FILE,
    config,
  })

  expect(found.map(({ severity, ruleId, message }) => ({ severity, ruleId, message }))).toEqual([])
})

test('the linter is awake: it finds what is wrong with a document that is not this one', async () => {
  const config = await createConfig({ extends: ['recommended'] })
  const source = '{"openapi":"3.1.0","info":{"title":"Empty"},"paths":{"/":{"get":{}}}}'

  const found = await lintFromString({ source, absoluteRef: OPENAPI_FILE, config })

  expect(found.map(({ ruleId }) => ruleId)).toEqual(
    expect.arrayContaining(['struct', 'operation-operationId']),
  )
})
