import { promisify } from 'node:util'
import postman from 'openapi-to-postmanv2'

type Json = Readonly<Record<string, unknown>>

const OPTIONS = {
  folderStrategy: 'Tags',
  parametersResolution: 'Example',
  enableOptionalParameters: false,
  alwaysInheritAuthentication: true,
  includeAuthInfoInExample: false,
}

const VARIABLES = [
  { key: 'baseUrl', value: 'http://localhost:3000' },
  { key: 'token', value: '', description: 'Of a player, or of an operator.' },
]
const AUTH = {
  type: 'bearer',
  bearer: [{ key: 'token', value: '{{token}}', type: 'string' }],
}

/** Postman makes a new one for each request that is sent. */
const NEW_KEY = '{{$guid}}'

const convert = promisify(postman.convertV2)

/** The same API, to try out in Postman and in whatever else reads its collections. */
export async function postmanCollection(document: Json): Promise<Json> {
  const { result, reason, output } = await convert(
    // The converter changes what it is given.
    { type: 'json', data: withoutProblems(structuredClone(document)) },
    OPTIONS,
  )
  const [collection] = output ?? []
  if (!result || !collection) throw new Error(`no collection was made: ${reason}`)
  const { info, item } = tidied(collection.data)
  return { info, auth: AUTH, variable: VARIABLES, item }
}

/** Each answer becomes an example; those of all problems would be seven of eight lines of the collection. */
function withoutProblems(document: Json): Json {
  return JSON.parse(JSON.stringify(document), (name, value) =>
    name === 'responses' ? onlySuccess(value) : value,
  )
}

function onlySuccess(responses: Json): Json {
  return Object.fromEntries(Object.entries(responses).filter(([status]) => status.startsWith('2')))
}

/** Ids are new in each run and nobody needs them; the other names have nothing to say. */
const LEFT_OUT = new Set(['id', '_postman_id', 'auth', 'event', 'cookie'])

function tidied(collection: Json): Json {
  return JSON.parse(JSON.stringify(collection), (name, value) => {
    if (LEFT_OUT.has(name) || isEmptyBody(name, value)) return undefined
    if (name === 'description') return value?.content ?? value
    // Without their examples, which the converter does not find, headers of answers are names only.
    if (name === 'header') return value.filter((header: Json) => header['value'] !== '')
    if (name === 'url') return { raw: rawUrl(value), ...value }
    return value?.key === 'Idempotency-Key' ? { ...value, value: NEW_KEY } : value
  })
}

function isEmptyBody(name: string, value: Json): boolean {
  return name === 'body' && Object.keys(value).length === 0
}

interface Url {
  readonly host: readonly string[]
  readonly path: readonly string[]
  readonly query: readonly { readonly key: string; readonly value: string; disabled?: boolean }[]
}

/** What other programs read that import collections. */
function rawUrl({ host, path, query }: Url): string {
  const sent = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return `${[...host, ...path].join('/')}${sent.length > 0 ? `?${sent.join('&')}` : ''}`
}
