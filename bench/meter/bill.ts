/** What a piece of work asks of DynamoDB, by AWS's published rules. */
export interface Bill {
  readonly requests: number
  readonly readUnits: number
  readonly writeUnits: number
  /** Of the indexes: each is written after the table, by itself, and never in a transaction. */
  readonly indexUnits: number
  /** By how much the tables and their indexes have grown. */
  readonly storedBytes: number
  readonly largestItemBytes: number
}

export const NOTHING: Bill = {
  requests: 0,
  readUnits: 0,
  writeUnits: 0,
  indexUnits: 0,
  storedBytes: 0,
  largestItemBytes: 0,
}

export function together(a: Bill, b: Bill): Bill {
  return {
    requests: a.requests + b.requests,
    readUnits: a.readUnits + b.readUnits,
    writeUnits: a.writeUnits + b.writeUnits,
    indexUnits: a.indexUnits + b.indexUnits,
    storedBytes: a.storedBytes + b.storedBytes,
    largestItemBytes: Math.max(a.largestItemBytes, b.largestItemBytes),
  }
}
