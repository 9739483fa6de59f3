import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a file holds; made the first time, and then the same for ever. For secrets: nobody else may read it. */
export async function keepFile(file: string, make: () => Promise<string>): Promise<string> {
  if (!existsSync(file)) writePrivate(file, await make())
  return readFileSync(file, 'utf8')
}

/** For its owner's eyes. Whoever reads it meanwhile sees the old text or the new one, and nothing between. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}
