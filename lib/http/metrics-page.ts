import type { Books } from '../audit/books.ts'
import { imbalance, type SupplyChange } from '../audit/supply.ts'
import type { Progress } from '../audit/table/audit-table.ts'
import { exposition, type MetricFamily, type Sample } from './prometheus.ts'

export function metricsPage({ supplies, progress, deadLetters, openFlags }: Books): string {
  const ofEach = (read: (supply: SupplyChange) => bigint): Sample[] =>
    Array.from(supplies, ([asset, supply]) => ({ labels: { asset }, value: read(supply) }))
  const byName = (
    label: string,
    read: (supply: SupplyChange) => Readonly<Record<string, bigint>>,
  ): Sample[] =>
    Array.from(supplies).flatMap(([asset, supply]) =>
      Object.entries(read(supply)).map(([name, value]) => ({
        labels: { asset, [label]: name },
        value,
      })),
    )
  return exposition([
    gauge('assets', 'Assets that are registered.', [{ value: supplies.size }]),
    counter(
      'entries_total',
      'Entries of wallets, by type; a transfer has two.',
      byName('type', ({ entries }) => entries),
    ),
    counter(
      'issued_total',
      'What wallets got from system accounts, by type.',
      byName('type', ({ issued }) => issued),
    ),
    counter(
      'burned_total',
      'What wallets gave to system accounts, by type.',
      byName('type', ({ burned }) => burned),
    ),
    gauge(
      'in_wallets',
      'What all wallets have, available and held.',
      ofEach(({ inWallets }) => inWallets),
    ),
    gauge(
      'held',
      'What all holds hold.',
      ofEach(({ held }) => held),
    ),
    gauge(
      'account_balance',
      'What system accounts have.',
      byName('account', ({ accounts }) => accounts),
    ),
    gauge('imbalance', 'The sum over all accounts, which must be 0.', ofEach(imbalance)),
    gauge('dead_letters', 'Records of the stream that could not be processed.', [
      { value: deadLetters },
    ]),
    gauge('fraud_flags_open', 'Flags that nobody has acknowledged.', [{ value: openFlags }]),
    ...(progress ? progressOf(progress) : []),
  ])
}

function progressOf({ changedAt, projectedAt }: Progress): MetricFamily[] {
  return [
    gauge(
      'stream_last_change_seconds',
      'When the newest change was made that the audit has seen.',
      [{ value: changedAt / 1000 }],
    ),
    gauge('stream_lag_seconds', 'How long after that it was projected.', [
      { value: Math.max(0, projectedAt - changedAt) / 1000 },
    ]),
  ]
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `strongbox_${name}`, help, type: 'gauge', samples }
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `strongbox_${name}`, help, type: 'counter', samples }
}
