import type { Context } from 'aws-lambda'

/** As Lambda names what CloudFormation deployed: these names are in every line of the log. */
const FUNCTION_NAME = 'strongbox-prod-service-writeFunction0A1B2C3D-0123456789AB'
const FUNCTION_ARN = `arn:aws:lambda:us-east-1:123456789012:function:${FUNCTION_NAME}:live`
const MEMORY_MB = '1024'
const REQUEST_ID = '8f507cfc-0000-4697-b07a-ac58fc914c95'

/** Lambda itself says this much of each call. */
const LINES_OF_LAMBDA = [
  `START RequestId: ${REQUEST_ID} Version: 17\n`,
  `END RequestId: ${REQUEST_ID}\n`,
  `REPORT RequestId: ${REQUEST_ID}\tDuration: 14.74 ms\tBilled Duration: 15 ms\tMemory Size: ${MEMORY_MB} MB\tMax Memory Used: 128 MB\t\n`,
]

/** CloudWatch counts so much for each event, beside what is in it. */
const EVENT_OVERHEAD_BYTES = 26

/** In the environment of each call; the logger adds it to its lines. */
export const TRACE_ID =
  'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0;Lineage=1:a87bd80c:0'

/** A context with names as long as deployed ones. */
export function asDeployed(context: Context): Context {
  return {
    ...context,
    functionName: FUNCTION_NAME,
    invokedFunctionArn: FUNCTION_ARN,
    memoryLimitInMB: MEMORY_MB,
  }
}

/** What goes into the log because of some calls. */
export function logBytesOf(lines: readonly string[], calls = 1): number {
  const bytesOf = (all: readonly string[]) =>
    all.reduce((bytes, line) => bytes + logEventBytes(line), 0)
  return bytesOf(lines) + calls * bytesOf(LINES_OF_LAMBDA)
}

export function logEventBytes(line: string): number {
  return EVENT_OVERHEAD_BYTES + Buffer.byteLength(line)
}
