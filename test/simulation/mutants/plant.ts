import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MUTANTS } from './list.ts'

const ROOT = new URL('../../../', import.meta.url)

/** From now on, whoever loads the code under test gets it with this mistake in it. The files stay as they are. */
export function plant(name: string): void {
  const mutant = MUTANTS.find((candidate) => candidate.name === name)
  if (!mutant) throw new Error(`there is no mutant "${name}"`)
  const sources = new Map<string, string>()
  for (const { file, find, replace } of mutant.changes) {
    const url = new URL(file, ROOT).href
    const source = sources.get(url) ?? readFileSync(fileURLToPath(url), 'utf8')
    const pieces = source.split(find)
    if (pieces.length !== 2) {
      throw new Error(`${name}: ${file} has ${pieces.length - 1} times: ${find}`)
    }
    sources.set(url, pieces.join(replace))
  }
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url)
      if (source === undefined) return nextLoad(url, context)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
