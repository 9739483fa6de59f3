import { EXPIRY_SHARDS } from '../../lib/store/keys.ts'
import type { Costs, Measured } from '../costs/record.ts'
import { LATENCIES } from './day.ts'

/** What some operations a second ask of everything. */
export interface Load {
  readonly requests: number
  readonly writes: number
  readonly reads: number
  /** Of the route that is asked most, of those that write and of those that read. */
  readonly busiestWrite: number
  readonly busiestRead: number
  readonly ledgerWriteUnits: number
  readonly ledgerReadUnits: number
  /** Of the one key of the index of holds that has most. */
  readonly indexKeyUnits: number
  readonly auditWriteUnits: number
  readonly auditReadUnits: number
  /** What comes to the audit out of the stream. */
  readonly records: number
  readonly events: number
  /** Instances of the functions that serve the API, by Little's law. */
  readonly functionsAtOnce: number
  readonly ledgerBytes: number
  readonly auditBytes: number
}

const MS_OF_SECOND = 1_000

/** Operations a second, by their names in docs/costs.json. */
export type PerSecond = Readonly<Record<string, number>>

export function loadOf(costs: Costs, perSecond: PerSecond): Load {
  const parts = Object.entries(perSecond).map(([name, rate]) => ({
    rate,
    operation: operationNamed(costs, name),
  }))
  const sum = (of: (operation: Measured) => number) =>
    parts.reduce((total, { rate, operation }) => total + rate * of(operation), 0)
  const rates = (isWanted: (operation: Measured) => boolean) =>
    parts.filter(({ operation }) => isWanted(operation)).map(({ rate }) => rate)
  const writes = sum((operation) => (isWrite(operation) ? 1 : 0))
  const reads = sum((operation) => (isWrite(operation) ? 0 : 1))
  const records = sum(({ audit }) => audit?.records ?? 0)
  return {
    requests: writes + reads,
    writes,
    reads,
    busiestWrite: Math.max(0, ...rates(isWrite)),
    busiestRead: Math.max(0, ...rates((operation) => !isWrite(operation))),
    ledgerWriteUnits: sum(({ request }) => request.writeUnits),
    // Statistics are read from the other table, and are few.
    ledgerReadUnits: sum(({ request }) => request.readUnits),
    indexKeyUnits: sum(({ request }) => request.indexUnits) / EXPIRY_SHARDS,
    auditWriteUnits: sum(({ audit }) => audit?.writeUnits ?? 0),
    auditReadUnits: sum(({ audit }) => audit?.readUnits ?? 0),
    records,
    events: sum(({ audit }) => audit?.events ?? 0),
    functionsAtOnce: (writes * LATENCIES.writeMs + reads * LATENCIES.readMs) / MS_OF_SECOND,
    ledgerBytes: sum(({ request }) => request.storedBytes),
    auditBytes: sum(({ audit }) => audit?.storedBytes ?? 0),
  }
}

/** Of each operation, so many times more. */
export function times(perSecond: PerSecond, factor: number): PerSecond {
  return Object.fromEntries(Object.entries(perSecond).map(([name, rate]) => [name, rate * factor]))
}

export function operationNamed({ operations }: Costs, name: string): Measured {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`docs/costs.json has no ${name}`)
  return found
}

function isWrite({ audit }: Measured): boolean {
  return audit !== undefined
}
