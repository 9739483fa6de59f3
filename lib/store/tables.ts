/** What the tables look like, said once: the CDK app deploys it and the local stack creates it. */
export interface TableDefinition {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey: string
  readonly stream: 'NEW_AND_OLD_IMAGES'
  readonly indexes: readonly IndexDefinition[]
}

/** A sparse index of keys: an item is in it while it has both attributes. */
export interface IndexDefinition {
  readonly name: string
  readonly partitionKey: string
  /** A number. */
  readonly sortKey: string
}

/** Open holds by the time at which they end. */
export const HOLD_EXPIRY_INDEX: IndexDefinition = {
  name: 'HoldExpiry',
  partitionKey: 'expiryShard',
  sortKey: 'expiresAt',
}

export const LEDGER_TABLE: TableDefinition = {
  name: 'Ledger',
  partitionKey: 'pk',
  sortKey: 'sk',
  stream: 'NEW_AND_OLD_IMAGES',
  indexes: [HOLD_EXPIRY_INDEX],
}
