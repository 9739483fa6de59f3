import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MUTANTS } from './list.ts'
import type { Mutant } from './mutant.ts'
import { TESTED_MUTANTS } from './tested.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** The mutated sources, by absolute path. The files themselves are not changed. */
export function sourcesWith({ name, changes }: Mutant): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const { file, find, replace } of changes) {
    const path = join(ROOT, file)
    const source = sources.get(path) ?? readFileSync(path, 'utf8')
    const pieces = source.split(find)
    if (pieces.length !== 2) {
      throw new Error(`${name}: ${file} has ${pieces.length - 1} times: ${find}`)
    }
    sources.set(path, pieces.join(replace))
  }
  return sources
}

export function mutantNamed(name: string): Mutant {
  const mutant = [...MUTANTS, ...TESTED_MUTANTS].find((candidate) => candidate.name === name)
  if (!mutant) throw new Error(`there is no mutant "${name}"`)
  return mutant
}

/** From now on, Node loads the mutated sources. */
export function plant(name: string): void {
  const sources = new Map(
    Array.from(sourcesWith(mutantNamed(name)), ([path, source]) => [
      pathToFileURL(path).href,
      source,
    ]),
  )
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url)
      if (source === undefined) return nextLoad(url, context)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}

/** A Vitest plugin that loads the mutated sources. */
export function plantingPlugin(name: string) {
  const sources = sourcesWith(mutantNamed(name))
  return {
    name: 'mutant',
    enforce: 'pre',
    load: (id: string) => sources.get(id.split('?')[0] ?? ''),
  } as const
}
