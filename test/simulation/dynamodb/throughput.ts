import type { Service } from './service.ts'
import type { Partition, Slot } from './shelf.ts'

const WRITE_UNIT_BYTES = 1024
const READ_UNIT_BYTES = 4096
const US_PER_SECOND = 1_000_000

/** False where the partition key has had too much of late: nothing is taken then. */
export function takesWrite(service: Service, { home, bytes }: Slot, work: Work): boolean {
  const units = Math.max(1, Math.ceil(Math.max(bytes, work.bytes) / WRITE_UNIT_BYTES))
  return take(service, home, 'write', work.factor * units)
}

export function takesRead(service: Service, slot: Slot | undefined, factor: number): boolean {
  if (!slot) return true
  const units = Math.max(1, Math.ceil(slot.bytes / READ_UNIT_BYTES))
  return take(service, slot.home, 'read', factor * units)
}

/** `factor` is how much more than usual it costs: double in a transaction. */
export interface Work {
  readonly bytes: number
  readonly factor: number
}

function take(
  { nowUs, faults, tally }: Service,
  partition: Partition,
  kind: 'read' | 'write',
  units: number,
): boolean {
  const perSecond = faults().unitsPerSecond?.[kind]
  if (perSecond === undefined) return true
  const budget = partition[kind]
  const gained = ((nowUs() - budget.atUs) / US_PER_SECOND) * perSecond
  budget.left = Math.min(perSecond, budget.left + gained)
  budget.atUs = nowUs()
  // As with DynamoDB, who has anything left may take more than that.
  if (tally.strikes('a hot partition was throttled', budget.left <= 0)) return false
  budget.left -= units
  return true
}
