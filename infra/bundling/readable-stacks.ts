import type { SourceMap, SourceOrigin } from 'node:module'

/**
 * The first file of every bundle: with it, stacks name places in this repository. So they do with `--enable-source-maps`,
 * but that reads the map at each cold start. Here it is read when somebody first looks at a stack, which nothing does
 * while all goes well: docs/adr/0024-a-map-is-read-with-the-first-stack.md
 */

interface Original {
  readonly map: SourceMap
  /** From the bundle to the root of the repository. */
  readonly root: string
}

const THIS_FILE = 'infra/bundling/readable-stacks.ts'

const asUsual = Error.prepareStackTrace
let original: Original | undefined
let isRead = false

Error.prepareStackTrace = (error, frames) => {
  try {
    const found = originalOnce()
    if (!found) return asUsual(error, frames)
    const lines = frames.map((frame, index) => lineOf(found, frame, frames[index + 1]))
    return [asUsual(error, []), ...lines].join('\n    at ')
  } catch {
    // Whoever looks at a stack has trouble enough.
    return asUsual(error, frames)
  }
}

/** What cannot be read is not there the next time either. */
function originalOnce(): Original | undefined {
  if (!isRead) {
    isRead = true
    original = readOriginal()
  }
  return original
}

function readOriginal(): Original {
  const { SourceMap } = process.getBuiltinModule('node:module')
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const map = new SourceMap(JSON.parse(readFileSync(`${import.meta.filename}.map`, 'utf8')))
  const own = map.payload.sources.find((source) => source.endsWith(THIS_FILE))
  return { map, root: own?.slice(0, -THIS_FILE.length) ?? '' }
}

function lineOf(
  { map, root }: Original,
  frame: NodeJS.CallSite,
  caller: NodeJS.CallSite | undefined,
): string {
  const origin = originOf(map, frame)
  if (!origin) return String(frame)
  const kind = frame.isAsync() ? 'async ' : frame.isConstructor() ? 'new ' : ''
  // What was minified still has its name where it is called.
  const name = (caller && originOf(map, caller)?.name) || frame.getFunctionName() || '<anonymous>'
  const { fileName, lineNumber, columnNumber } = origin
  return `${kind}${name} (${fileName.replace(root, '')}:${lineNumber}:${columnNumber})`
}

/** Undefined for what is not of the bundle. */
function originOf(map: SourceMap, frame: NodeJS.CallSite): SourceOrigin | undefined {
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()]
  if (frame.getFileName() !== import.meta.url || line === null || column === null) return undefined
  const origin = map.findOrigin(line, column)
  return 'fileName' in origin ? origin : undefined
}
