import { readFileSync, writeFileSync } from 'node:fs'
import { contractFiles } from './contract.ts'
import { readOptions, runCommand } from './failure.ts'

const HELP = `Writes the contract of the HTTP API, from the route table and its schemas:

  docs/openapi.json                          OpenAPI 3.1, which /openapi.json serves and /docs shows
  docs/strongbox.postman_collection.json     the same to import into Postman

  npm run openapi                            after each change of lib/http/routes.ts or lib/http/schemas.ts
`

await runCommand(async () => {
  if (!readOptions(HELP, {})) return
  for (const { path, absolutePath, text } of await contractFiles()) {
    const isNew = textOf(absolutePath) !== text
    if (isNew) writeFileSync(absolutePath, text)
    console.log(`${path} ${isNew ? 'is written' : 'is up to date'}.`)
  }
})

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
