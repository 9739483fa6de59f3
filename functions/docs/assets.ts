import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file of the page, as it is served. */
export interface Asset {
  readonly text: string
  readonly contentType: string
  /** Another text has another version. */
  readonly version: string
}

const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

/**
 * In this folder or in a package. The deployed function finds it in the same place, because all of them are copied
 * beside its bundle: infra/docs-files.ts.
 */
const file = (specifier: string) => () =>
  readFileSync(new URL(import.meta.resolve(specifier)), 'utf8')

/** All that can be asked for. */
const FILES = {
  'favicon.svg': { contentType: 'image/svg+xml', read: file('./assets/favicon.svg') },
  'page.css': { contentType: STYLE, read: file('./assets/page.css') },
  'page.js': { contentType: SCRIPT, read: file('./assets/page.js') },
  'reference.css': { contentType: STYLE, read: file('./assets/reference.css') },
  'swagger-ui.css': { contentType: STYLE, read: file('swagger-ui-dist/swagger-ui.css') },
  'swagger-ui-bundle.js': {
    contentType: SCRIPT,
    read: file('swagger-ui-dist/swagger-ui-bundle.js'),
  },
  // The script names it for the licences of what is inside.
  'swagger-ui-bundle.js.LICENSE.txt': {
    contentType: TEXT,
    read: file('swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt'),
  },
} as const

export type AssetName = keyof typeof FILES

const VERSION_CHARACTERS = 12

const known = new Map<AssetName, Asset>()

export function isAsset(name: string): name is AssetName {
  return Object.hasOwn(FILES, name)
}

/** Read once, when it is first asked for. */
export function readAsset(name: AssetName): Asset {
  const asset = known.get(name) ?? load(name)
  known.set(name, asset)
  return asset
}

function load(name: AssetName): Asset {
  const { contentType, read } = FILES[name]
  const text = read()
  const version = createHash('sha256').update(text).digest('base64url').slice(0, VERSION_CHARACTERS)
  return { text, contentType, version }
}
