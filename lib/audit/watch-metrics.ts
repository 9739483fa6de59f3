/** What the watch writes, once for each look. Alarms and the dashboard look for these names. */
export const WATCH_METRICS = {
  runs: 'WatchRuns',
  unbalancedAssets: 'UnbalancedAssets',
  openDeadLetters: 'OpenDeadLetters',
  openFlags: 'OpenFlags',
  /** Between the newest change that the audit has seen and its projection. */
  lag: 'AuditLag',
  /** How long ago that change was made. */
  newestChangeAge: 'NewestChangeAge',
  /** Of each asset, in its own dimension. */
  inWallets: 'InWallets',
  held: 'Held',
} as const
