import { assetView, statusAnswer, walletChanged, walletView } from '../../lib/http/answers.ts'
import { type Call, createApi } from '../../lib/http/api.ts'
import { walletTag } from '../../lib/http/etag.ts'
import { busy, invalidRequest } from '../../lib/http/problem.ts'
import type { Routes } from '../../lib/http/routes.ts'
import { putWalletMetadata } from '../../lib/ledger/wallet-metadata.ts'
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
    const { params, body, caller } = call
    const reason = { reason: body.reason, by: caller.client }
    const result = await setWalletStatus(ledger, params.walletId, status, reason)
    return statusAnswer(result, params.walletId, caller)
  })

export const handler = createApi(
  'admin',
  {
    putWallet: (call) => {
      const { params, ifMatch, body, caller } = call
      const { walletId } = params
      return once('putWallet', { ...call, params: { walletId, ifMatch } }, async () => {
        const { metadata } = body
        const result = await putWalletMetadata(ledger, walletId, { metadata, ifMatch })
        if (result.kind === 'precondition-failed') throw walletChanged(walletId)
        if (result.kind === 'busy') throw busy()
        const view = walletView(result.wallet, result.balances, caller)
        return { body: view, headers: { etag: walletTag(result.wallet.metadataChanges, view) } }
      })
    },

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
