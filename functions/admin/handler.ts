import { assetView, statusAnswer, walletNotFound, walletView } from '../../lib/http/answers.ts'
import { type Call, createApi } from '../../lib/http/api.ts'
import { busy, invalidRequest } from '../../lib/http/problem.ts'
import type { Routes } from '../../lib/http/routes.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { WalletStatus } from '../../lib/money/wallet.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { identifyFromEnvironment } from '../callers.ts'
import { ledgerFromEnvironment } from '../ledger.ts'
import { createOnce } from '../once.ts'

const ledger = ledgerFromEnvironment()
const { store } = ledger
const once = createOnce()

type Changing = Omit<Call<Routes['freeze']>, 'query'>

const changeTo = (status: WalletStatus) => (call: Changing) =>
  once(status, call, async () => {
    const { walletId } = call.params
    return statusAnswer(await setWalletStatus(ledger, walletId, status, call.body.reason), walletId)
  })

export const handler = createApi(
  'admin',
  {
    putWallet: (call) =>
      once('putWallet', call, async () => {
        const { walletId } = call.params
        const { metadata } = call.body
        const found = await store.readWallet(walletId, true)
        if (!found) throw walletNotFound(walletId)
        const outcome = await store.putMetadata(walletId, metadata)
        if (outcome.kind !== 'committed') throw busy()
        return { body: walletView({ ...found.wallet, metadata }, found.balances) }
      }),

    freeze: changeTo('FROZEN'),
    unfreeze: changeTo('ACTIVE'),
    close: changeTo('CLOSED'),

    putAsset: (call) =>
      once('putAsset', call, async () => {
        const asset = { code: call.params.code, ...call.body, active: true }
        if ((await store.putAsset(asset)) === 'scale-differs') {
          const message = `cannot change: it would change what every amount of ${asset.code} means`
          throw invalidRequest([{ path: 'scale', message }])
        }
        return { body: assetView(asset) }
      }),
  },
  apiOptionsFromEnvironment(identifyFromEnvironment(), ledger),
)
