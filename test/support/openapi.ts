import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** docs/openapi.json, as somebody reads it who has nothing else: a tree, and references into it. */

export type Json = Readonly<Record<string, unknown>>

/** A part of the document and where it is. */
export interface Place {
  readonly value: Json
  readonly pointer: string
}

export const OPENAPI_FILE = join(import.meta.dirname, '..', '..', 'docs', 'openapi.json')

const DOCUMENT_ID = 'openapi.json'

export const document: Json = JSON.parse(readFileSync(OPENAPI_FILE, 'utf8'))

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
addFormats.default(ajv)
// The document is not a schema, but it has them: only what it is made of itself is unknown to JSON Schema.
ajv.addVocabulary(Object.keys(document))
ajv.addSchema(document, DOCUMENT_ID)

const compiled = new Map<string, ValidateFunction>()

/** What is wrong with a value by the schema at a place; nothing is wrong with a value that fits. */
export function faultsBy(pointer: string, value: unknown): string[] {
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT_ID}#${pointer}` })
  compiled.set(pointer, validate)
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

export function child({ value, pointer }: Place, name: string): Place | undefined {
  if (!Object.hasOwn(value, name)) return undefined
  return resolve(value[name], `${pointer}/${escaped(name)}`)
}

/** All that an object has, by name; nothing where it is not there. */
export function children(parent: Place | undefined): Map<string, Place> {
  if (!parent) return new Map()
  return new Map(
    Object.keys(parent.value).flatMap((name) => {
      const place = child(parent, name)
      return place ? [[name, place] as const] : []
    }),
  )
}

export const root: Place = { value: document, pointer: '' }

function resolve(value: unknown, pointer: string): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const node: Json = { ...value }
  const { $ref } = node
  return typeof $ref === 'string' ? placeAt($ref.replace(/^#/, '')) : { value: node, pointer }
}

function placeAt(pointer: string): Place | undefined {
  const names = pointer.split('/').slice(1).map(unescaped)
  return names.reduce<Place | undefined>((place, name) => place && child(place, name), root)
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}
