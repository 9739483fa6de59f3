import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BY_URL, NEED_THE_INSIDE } from './files.ts'

const FOLDER = join(import.meta.dirname, '..', 'e2e')
const ENDING = '.test.ts'

test('each end-to-end file runs by URL, or says why it cannot', () => {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))

  expect([...BY_URL, ...Object.keys(NEED_THE_INSIDE)].toSorted()).toEqual(files.toSorted())
})
