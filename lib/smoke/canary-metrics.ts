/** What the canary writes, once for each walk. Alarms look for these names. */
export const CANARY_METRICS = {
  runs: 'CanaryRuns',
  /** 0 or 1: so that a canary that does not sing is not taken for one that is well. */
  failures: 'CanaryFailures',
  /** Of a walk that was well, from its first request to its last answer. */
  latency: 'CanaryLatency',
} as const
