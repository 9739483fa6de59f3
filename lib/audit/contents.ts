import { InvariantViolation } from '../money/invariant.ts'
import {
  type Item,
  isMisplaced,
  kindOf,
  toBalance,
  toEntry,
  toHold,
  toStatusRecord,
  toTransaction,
  toWallet,
} from '../store/items.ts'
import type { LedgerContents, Violation } from './invariants.ts'

/** A table that is read bit by bit: what it holds, and what of it cannot even be read. */
export interface ContentsReader {
  readonly add: (items: readonly Item[]) => void
  readonly contents: LedgerContents
  readonly unreadable: readonly Violation[]
}

export function createContentsReader(): ContentsReader {
  const unreadable: Violation[] = []
  const [balances, entries, transactions, wallets, statusRecords, holds] = [
    [] as ReturnType<typeof toBalance>[],
    [] as ReturnType<typeof toEntry>[],
    [] as ReturnType<typeof toTransaction>[],
    [] as ReturnType<typeof toWallet>[],
    [] as ReturnType<typeof toStatusRecord>[],
    [] as ReturnType<typeof toHold>[],
  ]

  function addItem(item: Item): void {
    switch (kindOf(item)) {
      case 'balance':
        balances.push(toBalance(item))
        break
      case 'entry':
        entries.push(toEntry(item))
        break
      case 'transaction':
        transactions.push(toTransaction(item))
        break
      case 'wallet':
        wallets.push(toWallet(item))
        break
      case 'status':
        statusRecords.push(toStatusRecord(item))
        break
      case 'hold':
        holds.push(toHold(item))
        break
      case 'asset':
        break
    }
    if (isMisplaced(item)) refuse(item, 'stands under a key that is not its own')
  }

  function refuse(item: Item, reason: string): void {
    unreadable.push({ invariant: 4, where: `${item['pk']} ${item['sk']}`, reason })
  }

  return {
    add(items) {
      for (const item of items) {
        try {
          addItem(item)
        } catch (error) {
          if (!(error instanceof InvariantViolation)) throw error
          refuse(item, error.message)
        }
      }
    },
    contents: { balances, entries, transactions, wallets, statusRecords, holds },
    unreadable,
  }
}
