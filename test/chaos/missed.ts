import type { FaultCount } from './storm.ts'
import type { Fault } from './weather.ts'

/** A storm that has not tried something proves nothing about it: that is a fault of the storm. */
export function findMissed(injected: ReadonlyMap<Fault, FaultCount>): string[] {
  return Array.from(injected)
    .filter(([, { on }]) => (on['write of the ledger'] ?? 0) === 0)
    .map(([fault]) => `${fault}: has hit no write of the ledger`)
}
