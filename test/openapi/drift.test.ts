import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contractFiles } from '../../local/contract.ts'

const files = await contractFiles()

test.each(files)('$path is what the route table makes', ({ path, absolutePath, text }) => {
  const isUpToDate = readFileSync(absolutePath, 'utf8') === text

  expect(isUpToDate, `${path} is out of date: run \`npm run openapi\``).toBe(true)
})

test('making them again makes the same, to the byte', async () => {
  expect(await contractFiles()).toEqual(files)
})
