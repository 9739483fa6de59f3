import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'
import { SUPPLY_SHARDS } from '../../lib/audit/table/keys.ts'
import { OVERALL_RATES } from '../../lib/http/rates.ts'
import type { Costs } from '../costs/record.ts'
import { LATENCIES } from './day.ts'
import { AWS, type AwsLimit } from './limits.ts'
import { type Load, loadOf, times } from './load.ts'
import { DAILY, DAYS_OF_YEAR, EVENING, type Moments } from './moments.ts'
import { carry, partitionsOf } from './stream.ts'

/** What there is no more of, and what it is asked for. */
export interface Bound {
  readonly what: string
  /** Whether players hear of it, or whether the audit only comes later. */
  readonly beyond: 'refused' | 'late'
  readonly says: string
  readonly whatToDo: string
  /** Whether it follows what was needed before, as on-demand tables do. */
  readonly grows?: true
  readonly asked: (load: Load, settings: Settings) => number
  readonly limit: (settings: Settings) => number
}

/** As it is deployed into a new account, or as docs/scaling.md says for an event. */
export interface Settings {
  readonly gatewayRequests: number
  readonly writesOfRoute: number
  readonly readsOfRoute: number
  readonly functionsAtOnce: number
  readonly tableUnits: number
  /** That the tables are made ready for, and at least what they have borne before. */
  readonly warmWriteUnits: { readonly ledger: number; readonly audit: number }
  readonly warmReadUnits: number
  readonly supplyShards: number
  readonly parallelizationFactor: number
  readonly partitions: number
}

/** A year of evenings has been before. */
export function settingsByDefault(costs: Costs, { evening }: Moments): Settings {
  const { ofPreviousPeak, newTableWriteUnits, newTableReadUnits } = AWS
  const atOnce = (units: number, { value }: AwsLimit) =>
    Math.max(value, ofPreviousPeak.value * units)
  const keptBytes = loadOf(costs, DAILY).ledgerBytes * DAYS_OF_YEAR
  return {
    gatewayRequests: AWS.gatewayRequests.value,
    writesOfRoute: OVERALL_RATES.write.perSecond,
    readsOfRoute: OVERALL_RATES.read.perSecond,
    functionsAtOnce: AWS.functionsAtOnce.value,
    tableUnits: AWS.tableWriteUnits.value,
    warmWriteUnits: {
      ledger: atOnce(evening.ledgerWriteUnits, newTableWriteUnits),
      audit: atOnce(evening.auditWriteUnits, newTableWriteUnits),
    },
    warmReadUnits: atOnce(evening.ledgerReadUnits, newTableReadUnits),
    supplyShards: SUPPLY_SHARDS,
    parallelizationFactor: STREAM_MAPPING.parallelizationFactor,
    partitions: partitionsOf(evening.ledgerWriteUnits, keptBytes),
  }
}

/** What docs/scaling.md says to ask for and to change before an event. */
export const FOR_LAUNCH = {
  gatewayRequests: 30_000,
  writesOfRoute: 6_000,
  readsOfRoute: 12_000,
  functionsAtOnce: 3_000,
  tableUnits: 80_000,
  warmWriteUnits: { ledger: 60_000, audit: 60_000 },
  warmReadUnits: 40_000,
  supplyShards: 128,
  parallelizationFactor: 1,
} as const satisfies Partial<Settings>

const MS_OF_SECOND = 1_000

export const BOUNDS: readonly Bound[] = [
  {
    what: 'Ledger, write units a second at once',
    beyond: 'refused',
    says: AWS.ofPreviousPeak.page,
    whatToDo:
      'Set the warm throughput of the table before, to what the launch will need: that is paid for once, and costs nothing while nobody comes. Without it, DynamoDB grows as it is asked to, within half an hour, and refuses what is more. A refused write has moved nothing and can be sent again with its key.',
    grows: true,
    asked: ({ ledgerWriteUnits }) => ledgerWriteUnits,
    limit: ({ warmWriteUnits }) => warmWriteUnits.ledger,
  },
  {
    what: 'Audit, write units a second at once',
    beyond: 'late',
    says: AWS.ofPreviousPeak.page,
    whatToDo:
      'Warm throughput, as for the Ledger. Without it, batches of the stream come again until they succeed: nothing is lost, and nobody who plays notices.',
    grows: true,
    asked: ({ auditWriteUnits }) => auditWriteUnits,
    limit: ({ warmWriteUnits }) => warmWriteUnits.audit,
  },
  {
    what: 'transactions a second on one of the sums that all wallets share',
    beyond: 'late',
    says: `each holds it for ${LATENCIES.transactionMs} ms`,
    whatToDo:
      'Each asset has its own sums, so this is for a game whose players all use one. What a launch adds waits in the stream, and is caught up afterwards. Where it must not wait: more `SUPPLY_SHARDS`, and one `npm run rebuild`, because wallets change their shard. A reader of the supply then reads as many items.',
    asked: ({ records }, { supplyShards }) => records / supplyShards,
    limit: () => MS_OF_SECOND / LATENCIES.transactionMs,
  },
  {
    what: 'requests a second to the API',
    beyond: 'refused',
    says: AWS.gatewayRequests.page,
    whatToDo:
      'Ask for a higher throttle rate, which AWS grants by account and region. The burst follows from it and cannot be asked for, so clients must take a 429 as a reason to wait, with jitter, as SDKs do.',
    asked: ({ requests }) => requests,
    limit: ({ gatewayRequests }) => gatewayRequests,
  },
  {
    what: 'requests a second of one route that writes',
    beyond: 'refused',
    says: 'lib/http/rates.ts',
    whatToDo:
      'It is our own guard, so that a client in a loop does not take the share of all others. Raise it together with the quota of the account.',
    asked: ({ busiestWrite }) => busiestWrite,
    limit: ({ writesOfRoute }) => writesOfRoute,
  },
  {
    what: 'requests a second of one route that reads',
    beyond: 'refused',
    says: 'lib/http/rates.ts',
    whatToDo:
      'As for routes that write. A client that has the balance in the answer to its last write need not ask for it.',
    asked: ({ busiestRead }) => busiestRead,
    limit: ({ readsOfRoute }) => readsOfRoute,
  },
  {
    what: 'writes a second to the item that says how far the audit is',
    beyond: 'late',
    says: AWS.partitionWriteUnits.page,
    whatToDo:
      'Each call of the audit writes it, and one that may not comes again whole, though all else is done. A young table has few shards and full batches; one that is years old has hundreds, and batches of one record. `parallelizationFactor` 1 is then enough, and makes batches fuller. The lasting remedy is code: to write it no more than once in a few seconds for each function instance.',
    asked: ({ records }, { partitions, parallelizationFactor }) =>
      carry(records, partitions, parallelizationFactor).callsPerSecond,
    limit: () => AWS.partitionWriteUnits.value,
  },
  {
    what: 'Audit, write units a second at all',
    beyond: 'late',
    says: AWS.tableWriteUnits.page,
    whatToDo:
      'Ask for a higher quota of the table. A busy audit takes less than is counted here: records of one wallet that come in one batch are one transaction.',
    asked: ({ auditWriteUnits }) => auditWriteUnits,
    limit: ({ tableUnits }) => tableUnits,
  },
  {
    what: 'Ledger, write units a second at all',
    beyond: 'refused',
    says: AWS.tableWriteUnits.page,
    whatToDo: 'Ask for a higher quota of the table.',
    asked: ({ ledgerWriteUnits }) => ledgerWriteUnits,
    limit: ({ tableUnits }) => tableUnits,
  },
  {
    what: 'calls a second of one function',
    beyond: 'refused',
    says: AWS.requestsOfInstance.page,
    whatToDo:
      'Ask for more concurrency: the calls that are allowed are ten times that, however short each is.',
    asked: ({ reads, writes }) => Math.max(reads, writes),
    limit: ({ functionsAtOnce }) => functionsAtOnce * AWS.requestsOfInstance.value,
  },
  {
    what: 'Ledger, read units a second at once',
    beyond: 'refused',
    says: AWS.ofPreviousPeak.page,
    whatToDo: 'Warm throughput, as for writes.',
    grows: true,
    asked: ({ ledgerReadUnits }) => ledgerReadUnits,
    limit: ({ warmReadUnits }) => warmReadUnits,
  },
  {
    what: 'calls of EventBridge a second',
    beyond: 'late',
    says: AWS.putEvents.page,
    // One for each step of a balance.
    whatToDo: 'Ask for a higher quota. Until then the audit waits, and comes again.',
    asked: ({ records }) => records,
    limit: () => AWS.putEvents.value,
  },
  {
    what: 'functions at once, the audit with the others',
    beyond: 'refused',
    says: AWS.functionsAtOnce.page,
    whatToDo:
      'Ask for more concurrency. A function that is slow needs more of it: twice the latency is twice the functions.',
    asked: ({ functionsAtOnce, records }, { partitions, parallelizationFactor }) =>
      functionsAtOnce + carry(records, partitions, parallelizationFactor).functionsAtOnce,
    limit: ({ functionsAtOnce }) => functionsAtOnce,
  },
  {
    what: 'write units a second of one key of the index of holds',
    beyond: 'refused',
    says: AWS.partitionWriteUnits.page,
    whatToDo: 'Nothing to do: holds are spread over as many keys of the index as there are shards.',
    asked: ({ indexKeyUnits }) => indexKeyUnits,
    limit: () => AWS.partitionWriteUnits.value,
  },
]

const MOST_TIMES = 1_000
const ROUNDS = 40

export interface Reached {
  readonly bound: Bound
  /** At so many times the evening's peak. */
  readonly at: number
}

/** The one that is reached first is the first. */
export function inOrder(costs: Costs, settings: Settings): Reached[] {
  return BOUNDS.map((bound) => ({ bound, at: reachedAt(costs, bound, settings) })).toSorted(
    (a, b) => a.at - b.at,
  )
}

function reachedAt(costs: Costs, { asked, limit }: Bound, settings: Settings): number {
  let [below, above] = [0, MOST_TIMES]
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (below + above) / 2
    const isWithin = asked(loadOf(costs, times(EVENING, middle)), settings) <= limit(settings)
    if (isWithin) below = middle
    else above = middle
  }
  return below
}
