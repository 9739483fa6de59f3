/** What the tables look like, said once: the CDK app deploys it and the local stack creates it. */
export interface TableDefinition {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey: string
  readonly stream: 'NEW_AND_OLD_IMAGES' | undefined
  readonly timeToLive: string | undefined
  readonly indexes: readonly IndexDefinition[]
}

/** A sparse index: an item is in it while it has both attributes. */
export interface IndexDefinition {
  readonly name: string
  readonly partitionKey: string
  /** A number. */
  readonly sortKey: string
  readonly projection: 'KEYS_ONLY' | 'ALL'
}

/** Open holds by the time at which they end. */
export const HOLD_EXPIRY_INDEX: IndexDefinition = {
  name: 'HoldExpiry',
  partitionKey: 'expiryShard',
  sortKey: 'expiresAt',
  projection: 'KEYS_ONLY',
}

export const LEDGER_TABLE: TableDefinition = {
  name: 'Ledger',
  partitionKey: 'pk',
  sortKey: 'sk',
  stream: 'NEW_AND_OLD_IMAGES',
  timeToLive: undefined,
  indexes: [HOLD_EXPIRY_INDEX],
}

/** Flags and dead letters by what they are, and by whom they are about; newest first is the other way round. */
export const BY_KIND_INDEX: IndexDefinition = {
  name: 'ByKind',
  partitionKey: 'kind',
  sortKey: 'at',
  projection: 'ALL',
}
export const BY_WALLET_INDEX: IndexDefinition = {
  name: 'ByWallet',
  partitionKey: 'wallet',
  sortKey: 'at',
  projection: 'ALL',
}

/** What follows from the ledger, and can be made from it again. Only the audit writes it. */
export const AUDIT_TABLE: TableDefinition = {
  name: 'Audit',
  partitionKey: 'pk',
  sortKey: 'sk',
  stream: undefined,
  // Of the records of requests that were answered once; see `@aws-lambda-powertools/idempotency`.
  timeToLive: 'expiration',
  indexes: [BY_KIND_INDEX, BY_WALLET_INDEX],
}
