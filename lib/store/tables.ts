/** What the tables look like, said once: the CDK app deploys it and the local stack creates it. */
export interface TableDefinition {
  readonly name: string
  readonly partitionKey: string
  readonly sortKey: string
  readonly stream: 'NEW_AND_OLD_IMAGES'
}

export const LEDGER_TABLE: TableDefinition = {
  name: 'Ledger',
  partitionKey: 'pk',
  sortKey: 'sk',
  stream: 'NEW_AND_OLD_IMAGES',
}
