import { assetView } from '../../lib/http/answers.ts'
import { createApi } from '../../lib/http/api.ts'
import { invalidRequest } from '../../lib/http/problem.ts'
import { apiOptionsFromEnvironment, ledgerFromEnvironment } from '../environment.ts'

const { store } = ledgerFromEnvironment()

export const handler = createApi(
  'admin',
  {
    async putAsset({ params, body }) {
      const asset = { code: params.code, ...body, active: true }
      if ((await store.putAsset(asset)) === 'scale-differs') {
        throw invalidRequest([
          {
            path: 'scale',
            message: `cannot change: it would change what every amount of ${asset.code} means`,
          },
        ])
      }
      return { body: assetView(asset) }
    },
  },
  apiOptionsFromEnvironment(),
)
