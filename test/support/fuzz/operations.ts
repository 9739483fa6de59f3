import { child, children, type Place, root } from '../openapi.ts'

/** What the document says of an operation, as far as it takes to make requests of it. */
export interface Operation {
  readonly name: string
  readonly method: string
  readonly template: string
  readonly isPublic: boolean
  /** Whether a player may do it, on their own wallet. */
  readonly isForPlayers: boolean
  readonly needsKey: boolean
  readonly takesEtag: boolean
  readonly path: readonly Parameter[]
  readonly query: readonly Parameter[]
  /** The schema of the body; undefined where it has none. */
  readonly body: Place | undefined
}

export interface Parameter {
  readonly name: string
  readonly isRequired: boolean
  readonly schema: Place
  readonly example: unknown
}

export const OPERATIONS: readonly Operation[] = Array.from(children(child(root, 'paths'))).flatMap(
  ([template, item]) =>
    Array.from(children(item), ([method, place]) => toOperation(template, method, place)),
)

function toOperation(template: string, method: string, place: Place): Operation {
  const { operationId, security, 'x-players': players } = place.value
  const parameters = Array.from(children(child(place, 'parameters')).values())
  const among = (where: string) => parameters.filter(({ value }) => value['in'] === where)
  const headers = among('header').map(({ value }) => value['name'])
  return {
    name: String(operationId),
    method: method.toUpperCase(),
    template,
    isPublic: Array.isArray(security) && security.length === 0,
    isForPlayers: players === 'own-wallet',
    needsKey: headers.includes('Idempotency-Key'),
    takesEtag: headers.includes('If-None-Match'),
    path: among('path').map(toParameter),
    query: among('query').map(toParameter),
    body: at(place, 'requestBody', 'content', 'application/json', 'schema'),
  }
}

function toParameter(place: Place): Parameter {
  const { name, required, example } = place.value
  const schema = child(place, 'schema')
  if (!schema) throw new Error(`${place.pointer} has no schema`)
  return { name: String(name), isRequired: required === true, schema, example }
}

function at(place: Place, ...names: string[]): Place | undefined {
  return names.reduce<Place | undefined>((found, name) => found && child(found, name), place)
}
