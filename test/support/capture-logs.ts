import { keepLog } from './logs.ts'

/** A line of the functions' own log, or of their metrics; everything else is the test runner's. */
const LOG_LINE = /^\s*\{.*("level"|"_aws")/s

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)

  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (!LOG_LINE.test(String(chunk))) return Reflect.apply(write, undefined, [chunk, ...rest])
    keepLog(String(chunk))
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }
}
