import { randomUUID } from 'node:crypto'
import { openLocalClient } from '../../local/dynamodb.ts'
import { createTable } from '../../local/tables.ts'
import {
  openTextbook,
  TEXTBOOK_TABLE,
  type Textbook,
  type TextbookRequest,
} from '../baselines/textbook.ts'
import type { Bill } from '../meter/bill.ts'
import { startMeter } from '../meter/meter.ts'

export interface TextbookBill extends Bill {
  /** As ours is called in docs/costs.json. */
  readonly name: string
}

const PLAYER = 'player-1001'
const OTHER = 'player-1002'
/** As bench/costs/operations.ts has them. */
const money = { walletId: PLAYER, asset: 'GOLD_COINS', amount: 250 }
const reference = 'order-48151623'
const enough = 25_000

/** One after the other, on wallets that have been used before, as ours are when they are measured. */
export async function billTextbook(databaseEndpoint: string): Promise<TextbookBill[]> {
  const meter = await startMeter(databaseEndpoint)
  const client = openLocalClient(meter.endpoint)
  const unmetered = openLocalClient(databaseEndpoint)
  const [ledgerTable, idempotencyTable] = [`Textbook-${randomUUID()}`, `Once-${randomUUID()}`]
  try {
    await createTable(unmetered, TEXTBOOK_TABLE, ledgerTable)
    await createTable(unmetered, TEXTBOOK_TABLE, idempotencyTable)
    const textbook = openTextbook({ client, ledgerTable, idempotencyTable })
    for (const walletId of [PLAYER, OTHER]) {
      for (const operation of ['topup', 'deposit'] as const) {
        await send(textbook, { ...money, operation, walletId, amount: enough })
      }
    }
    const bills = new Map<string, TextbookBill>()
    for (const request of REQUESTS) {
      const { bill } = await meter.billOf(() => send(textbook, request))
      bills.set(request.operation, { name: request.operation, ...bill })
    }
    return Array.from(bills.values())
  } finally {
    for (const one of [client, unmetered]) one.destroy()
    await meter.stop()
  }
}

type Unkeyed = Omit<TextbookRequest, 'key'>

function send({ carryOut }: Textbook, request: Unkeyed) {
  return carryOut({ ...request, key: randomUUID() })
}

const [captured, voided] = ['hold-of-a-match', 'hold-of-another']

const REQUESTS: readonly Unkeyed[] = [
  ...(['topup', 'bonus', 'spend', 'deposit', 'withdraw'] as const).map((operation) => ({
    ...money,
    operation,
    reference,
  })),
  { ...money, operation: 'transfer', to: OTHER, reference },
  { ...money, operation: 'hold', holdId: captured },
  { ...money, operation: 'capture', holdId: captured },
  { ...money, operation: 'hold', holdId: voided },
  { ...money, operation: 'void', holdId: voided },
]
