import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { openApiDocument } from '../lib/http/openapi/document.ts'
import { postmanCollection } from './postman.ts'

const ROOT = join(import.meta.dirname, '..')
const BIOME = join(ROOT, 'node_modules', '.bin', 'biome')

export interface ContractFile {
  /** From the root of the repository. */
  readonly path: string
  readonly absolutePath: string
  readonly text: string
}

/** The contract as it is kept in docs/, made of the route table and its schemas. */
export async function contractFiles(): Promise<ContractFile[]> {
  const document = openApiDocument()
  return [
    toFile('docs/openapi.json', document),
    toFile('docs/strongbox.postman_collection.json', await postmanCollection(document)),
  ]
}

function toFile(path: string, content: unknown): ContractFile {
  // As everything else here is formatted; otherwise the next commit would do it.
  const text = execFileSync(BIOME, ['format', `--stdin-file-path=${path}`], {
    cwd: ROOT,
    input: JSON.stringify(content, null, 2),
    encoding: 'utf8',
  })
  return { path, absolutePath: join(ROOT, path), text }
}
