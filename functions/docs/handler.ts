import openapi from '../../docs/openapi.json' with { type: 'json' }
import { createApi } from '../../lib/http/api.ts'
import { gzip } from '../../lib/http/gzip.ts'
import { Problem } from '../../lib/http/problem.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { isAsset, readAsset } from './assets.ts'
import { SAFE_PAGE } from './headers.ts'
import { renderPage } from './page.ts'

/** All that is here is for everybody. */
const identifyNobody = async () => undefined

const FOR_EVER = 'public, max-age=31536000, immutable'

export const handler = createApi(
  'docs',
  {
    async openapi() {
      return { body: openapi }
    },

    async docs() {
      return { body: renderPage(), headers: SAFE_PAGE }
    },

    async docsFile({ params: { file }, query: { v } }) {
      if (!isAsset(file)) throw new Problem('NOT_FOUND', `${file} is not part of this page.`)
      const { text, contentType, version } = readAsset(file)
      return {
        body: text,
        headers: {
          ...SAFE_PAGE,
          'content-type': contentType,
          // While a deployment is under way, a page may ask for a version that this instance does not have.
          'cache-control': v === version ? FOR_EVER : 'no-cache',
        },
      }
    },
  },
  apiOptionsFromEnvironment(identifyNobody),
).use(gzip())
