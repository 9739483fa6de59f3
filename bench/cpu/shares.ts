import { readFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { SourceMap } from 'node:module'

/** Whose code it was, by where it comes from. What is not listed goes by its package. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['tokens (jose)', /node_modules\/jose\//],
  ['credentials', /lib\/http\/auth\/|node_modules\/structured-headers\//],
  ['schemas (zod)', /node_modules\/zod\//],
  ['middleware (middy)', /node_modules\/@middy\//],
  ['logger', /powertools\/logger\/|lib\/http\/(?:log-requests|access-log)\.ts/],
  ['metrics', /powertools\/metrics\/|lib\/http\/measure\.ts/],
  ['secrets', /powertools\/parameters\/|functions\/api-keys\.ts/],
  ['Powertools, the rest', /powertools\//],
  ['marshalling', /@aws-sdk\/util-dynamodb\//],
  ['ledger', /lib\/(?:ledger|store|money)\//],
  ['HTTP, the rest', /lib\/http\/|^functions\//],
  ['SDK', /node_modules\/@(?:aws-sdk|smithy|aws)\//],
]
const ELSEWHERE = 'others'
/** Cannot be laid at anybody's door. */
const OF_NODE = 'Node: sockets, garbage, the event loop'
const IDLE = '(idle)'

/**
 * Of all samples, how many are whose. What Node does is counted for whoever called it: JSON for who parses, hashing for
 * who hashes.
 */
export function sharesOf({ nodes, samples = [] }: Profiler.Profile): Record<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((c) => [c, id])))
  const parts = new Map<number, string>()
  const partOf = (id: number | undefined): string => {
    const node = id === undefined ? undefined : byId.get(id)
    if (id === undefined || !node) return OF_NODE
    const part = parts.get(id) ?? ownPart(node) ?? partOf(parents.get(id))
    parts.set(id, part)
    return part
  }
  const busy = samples.filter((id) => byId.get(id)?.callFrame.functionName !== IDLE)
  const counts = Map.groupBy(busy, partOf)
  return Object.fromEntries(
    Array.from(counts, ([part, all]) => [part, all.length / busy.length] as const),
  )
}

/** Undefined for what is not in a bundle. */
function ownPart({ callFrame }: Profiler.ProfileNode): string | undefined {
  const { url, lineNumber, columnNumber } = callFrame
  if (!url.endsWith('index.mjs')) return undefined
  const found = mapOf(url).findEntry(lineNumber, columnNumber)
  const source = 'originalSource' in found ? found.originalSource : ''
  const path = source.replace(/^(?:.*?\/)??(?=(?:node_modules|lib|functions)\/)/, '')
  return PARTS.find(([, pattern]) => pattern.test(path))?.[0] ?? ELSEWHERE
}

const maps = new Map<string, SourceMap>()

function mapOf(bundle: string): SourceMap {
  const map = maps.get(bundle) ?? readMap(bundle)
  maps.set(bundle, map)
  return map
}

function readMap(bundle: string): SourceMap {
  return new SourceMap(JSON.parse(readFileSync(new URL(`${bundle}.map`), 'utf8')))
}
