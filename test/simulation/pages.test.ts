import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { ALICE, GEMS, GOLD, origin } from '../support/ledger.ts'
import type { SimulatedClient } from './dynamodb/client.ts'
import { openWorld, TABLE } from './dynamodb/world.ts'

/** DynamoDB may end a page anywhere. Here each ends after one item. */
function withShortPages(client: SimulatedClient): SimulatedClient {
  return Object.assign(Object.create(null), {
    send(command: QueryCommand | ScanCommand) {
      if (command instanceof QueryCommand || command instanceof ScanCommand) command.input.Limit = 1
      return client.send(command as QueryCommand)
    },
  })
}

async function countOf(pages: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0
  for await (const page of pages) count += page.length
  return count
}

test('what takes several pages is read to the last of them', async () => {
  const world = openWorld()

  const read = await world.call(async (client, { effects }) => {
    const store = openLedgerStore({ client, tableName: TABLE, sleep: effects.sleep })
    const ledger = openLedger(store, effects)
    for (const asset of [GOLD, GEMS]) {
      await store.putAsset({ code: asset, name: asset, scale: 0, active: true })
      const topup = verbCommand('topup', { walletId: ALICE, asset, amount: toAmount(1) })
      await post(ledger, topup, origin())
    }
    await setWalletStatus(ledger, ALICE, 'FROZEN')
    await setWalletStatus(ledger, ALICE, 'ACTIVE')
    const short = openLedgerStore({ client: withShortPages(client), tableName: TABLE })
    return {
      assets: (await short.readAssets()).length,
      balances: (await short.readWallet(ALICE, true))?.balances.length,
      history: (await short.readStatusHistory(ALICE)).length,
      scanned: await countOf(short.scan()),
      named: await countOf(short.scanBalances()),
    }
  })

  // Two of each: assets, balances, entries, records of transactions and of the status; and the wallet.
  expect(read).toEqual({ assets: 2, balances: 2, history: 2, scanned: 11, named: 2 })
})
