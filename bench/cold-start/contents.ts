import type { Bundle } from '../../infra/bundling/measure.ts'
import type { Table } from '../frame/question.ts'

/** Where what is in a bundle comes from. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['ours', /^(?:lib|functions|infra)\//],
  ['the document of the API', /^docs\//],
  ['AWS SDK', /^node_modules\/@(?:aws-sdk|smithy|aws)\//],
  ['Powertools', /^node_modules\/@aws-lambda-powertools\//],
  ['zod', /^node_modules\/zod\//],
  ['jose', /^node_modules\/jose\//],
]
const REST = 'others'
const KB = 1024

export function contentsTable(bundles: readonly Bundle[]): Table {
  const parts = [...PARTS.map(([name]) => name), REST]
  return {
    title: 'What is in a bundle, in KB',
    headers: ['', 'minified', 'gzipped', ...parts, 'the biggest'],
    rows: bundles.map(({ name, minifiedBytes, gzippedBytes, inputs = [] }) => {
      const sizes = Map.groupBy(inputs, ({ path }) => partOf(path))
      const [biggest] = inputs.filter(({ path }) => path.startsWith('node_modules/'))
      return [
        name,
        kb(minifiedBytes),
        kb(gzippedBytes),
        ...parts.map((part) =>
          kb((sizes.get(part) ?? []).reduce((sum, { bytes }) => sum + bytes, 0)),
        ),
        biggest ? `${biggest.path.replace('node_modules/', '')} (${kb(biggest.bytes)})` : '',
      ]
    }),
  }
}

export function kb(bytes: number): string {
  return (bytes / KB).toFixed(0)
}

function partOf(path: string): string {
  return PARTS.find(([, pattern]) => pattern.test(path))?.[0] ?? REST
}
