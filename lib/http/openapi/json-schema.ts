import * as z from 'zod/mini'

/** A piece of the document. */
export type Json = Readonly<Record<string, unknown>>

/**
 * As somebody writes it who sends it, and as we write it who answer: for both that is the input of the schema,
 * before anything is made of it.
 */
export function toJsonSchema(schema: z.core.$ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input' })
}

const BELOW_A_SCHEMA = '#/$defs/'
const AMONG_THE_COMPONENTS = '#/components/schemas/'

/** Zod puts a schema with a name below each that uses it; in the document, it is once among the components. */
export function liftNamedSchemas(document: Json): { document: Json; schemas: Json } {
  const lifted = new Map<string, unknown>()
  // A reviver goes from the leaves to the root, so what is lifted has been rewritten already.
  const rewritten = JSON.parse(JSON.stringify(document), (name, value) => {
    if (name === '$schema') return undefined
    if (name === '$ref') return value.replace(BELOW_A_SCHEMA, AMONG_THE_COMPONENTS)
    if (name !== '$defs') return value
    for (const [id, schema] of Object.entries(value)) lifted.set(id, schema)
    return undefined
  })
  const byName = Array.from(lifted).sort(([a], [b]) => (a < b ? -1 : 1))
  return { document: rewritten, schemas: Object.fromEntries(byName) }
}
