import * as z from 'zod'
import { createResolver, type Made, resolveAll } from './intrinsics.ts'

/**
 * CloudFormation without AWS: takes a template as it would be uploaded, makes its resources one after the other, each
 * when all that it refers to is there, and puts values where the template refers to them.
 */

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
})
const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z
    .record(
      z.string(),
      z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }),
    )
    .default({}),
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.unknown().optional() }))
    .default({}),
})
type Template = z.output<typeof template>

export interface DeployedStack {
  /** In the order in which they were made. */
  readonly resources: readonly Made[]
  readonly outputs: ReadonlyMap<string, unknown>
  readonly exports: ReadonlyMap<string, unknown>
  /** The resources that a value was made of, here and in the stacks before. */
  readonly originsOf: (value: unknown) => readonly Made[]
}

/** On top of the stacks that were deployed before it. Throws where CloudFormation would fail. */
export function deployInMemory(
  text: unknown,
  before: readonly Pick<DeployedStack, 'exports' | 'originsOf'>[] = [],
): DeployedStack {
  const { Resources, Outputs, Parameters } = template.parse(text)
  const made = new Map<string, Made>()
  const resolve = createResolver({
    parameters: Parameters,
    make: (id, from) => makeResource(id, from),
    imported: (name) => importedFrom(before, name),
  })

  function makeResource(id: string, from: readonly string[]): Made {
    const there = made.get(id)
    if (there) return there
    if (from.includes(id)) throw new Error(`a circle: ${[...from, id].join(' → ')}`)
    const wanted = Resources[id]
    if (!wanted)
      throw new Error(`${from.at(-1) ?? 'an output'} refers to ${id}, which is not there`)
    const way = [...from, id]
    for (const other of wanted.DependsOn) makeResource(other, way)
    const properties = resolveAll(wanted.Properties, (value) => resolve(value, way))
    const one = { id, type: wanted.Type, properties }
    made.set(id, one)
    return one
  }

  for (const id of Object.keys(Resources)) makeResource(id, [])
  const outputs = new Map(
    Object.entries(Outputs).map(([name, { Value }]) => [name, resolve(Value, [])]),
  )
  return {
    resources: Array.from(made.values()),
    outputs,
    exports: exportsOf(Outputs, (value) => resolve(value, [])),
    originsOf: (value) => [
      ...wordsOf(value).flatMap((word) => made.get(word) ?? []),
      ...before.flatMap((stack) => stack.originsOf(value)),
    ],
  }
}

/** Logical ids are letters and digits, and whatever stands between them is not. */
function wordsOf(value: unknown): string[] {
  return String(value).split(/[^A-Za-z0-9]+/)
}

function importedFrom(before: readonly Pick<DeployedStack, 'exports'>[], name: unknown): unknown {
  const found = before.filter((stack) => stack.exports.has(String(name)))
  if (found.length !== 1) throw new Error(`${String(name)} is exported by ${found.length} stacks`)
  return found[0]?.exports.get(String(name))
}

function exportsOf(
  outputs: Template['Outputs'],
  resolve: (value: unknown) => unknown,
): Map<string, unknown> {
  const exported = Object.values(outputs).flatMap(({ Value, Export }) =>
    Export ? [[String(resolve(Export.Name)), resolve(Value)] as const] : [],
  )
  const names = exported.map(([name]) => name)
  if (new Set(names).size !== names.length)
    throw new Error(`two exports of one name: ${names.join(', ')}`)
  return new Map(exported)
}
