import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'
import { LATENCIES } from './day.ts'
import { AWS } from './limits.ts'

/** How Lambda carries the stream to the audit, with so many partitions of the ledger. */
export interface Carried {
  readonly lanes: number
  readonly callsPerSecond: number
  readonly recordsOfCall: number
  /** From the change to its projection, while nothing waits. */
  readonly lagMs: number
  readonly functionsAtOnce: number
  /** Records a second that all lanes together get done, when their calls are full. */
  readonly mostRecords: number
}

/** Balances that one call works on side by side: lib/audit/audit-records.ts. */
const SIDE_BY_SIDE = 16
const MS_OF_SECOND = 1_000
const GB_BYTES = 1024 ** 3

/** As many as the writes ask for, or what is kept, whatever asks for more. A stream has a shard for each of them. */
export function partitionsOf(peakWriteUnits: number, keptBytes: number): number {
  const forWrites = Math.max(AWS.newTableWriteUnits.value, peakWriteUnits)
  return Math.max(
    Math.ceil(forWrites / AWS.partitionWriteUnits.value),
    Math.ceil(keptBytes / GB_BYTES / AWS.partitionGb.value),
  )
}

/**
 * A lane waits for its first record, then a second for others, then for its function. With many lanes, most calls bring
 * one record; with few, they are full.
 */
export function carry(
  records: number,
  partitions: number,
  parallelizationFactor = STREAM_MAPPING.parallelizationFactor,
): Carried {
  const { batchSize, batchWindowSeconds } = STREAM_MAPPING
  const lanes = partitions * parallelizationFactor
  const ofLane = records / lanes
  const most = (batchSize * MS_OF_SECOND) / callMs(batchSize)
  // A full batch does not wait out its window.
  const recordsOfCall = Math.min(
    batchSize,
    1 + ofLane * (batchWindowSeconds + callMs(1) / MS_OF_SECOND),
  )
  const callsPerSecond = records / recordsOfCall
  const tookMs = callMs(recordsOfCall)
  return {
    lanes,
    callsPerSecond,
    recordsOfCall,
    lagMs: batchWindowSeconds * MS_OF_SECOND + tookMs,
    functionsAtOnce: (callsPerSecond * tookMs) / MS_OF_SECOND,
    mostRecords: lanes * most,
  }
}

/** A read before and a write after all balances; of each balance a read, an event and a transaction. */
function callMs(records: number): number {
  const { auditReadMs, transactionMs, publishMs } = LATENCIES
  const rounds = Math.ceil(records / SIDE_BY_SIDE)
  return 2 * auditReadMs + rounds * (auditReadMs + publishMs + transactionMs)
}
