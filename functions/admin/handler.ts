import { assetView, statusAnswer, walletNotFound, walletView } from '../../lib/http/answers.ts'
import { type Call, createApi } from '../../lib/http/api.ts'
import { busy, invalidRequest } from '../../lib/http/problem.ts'
import type { Routes } from '../../lib/http/routes.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { WalletStatus } from '../../lib/money/wallet.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { identifyFromEnvironment } from '../callers.ts'
import { ledgerFromEnvironment } from '../ledger.ts'

const ledger = ledgerFromEnvironment()
const { store } = ledger

const changeTo =
  (status: WalletStatus) =>
  async ({
    params: { walletId },
    body: { reason },
  }: Pick<Call<Routes['freeze']>, 'params' | 'body'>) =>
    statusAnswer(await setWalletStatus(ledger, walletId, status, reason), walletId)

export const handler = createApi(
  'admin',
  {
    async putWallet({ params: { walletId }, body: { metadata } }) {
      const found = await store.readWallet(walletId, true)
      if (!found) throw walletNotFound(walletId)
      const outcome = await store.putMetadata(walletId, metadata)
      if (outcome.kind !== 'committed') throw busy()
      return { body: walletView({ ...found.wallet, metadata }, found.balances) }
    },

    freeze: changeTo('FROZEN'),
    unfreeze: changeTo('ACTIVE'),
    close: changeTo('CLOSED'),

    async putAsset({ params, body }) {
      const asset = { code: params.code, ...body, active: true }
      if ((await store.putAsset(asset)) === 'scale-differs') {
        const message = `cannot change: it would change what every amount of ${asset.code} means`
        throw invalidRequest([{ path: 'scale', message }])
      }
      return { body: assetView(asset) }
    },
  },
  apiOptionsFromEnvironment(identifyFromEnvironment(), ledger),
)
