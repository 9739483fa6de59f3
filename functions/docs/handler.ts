import openapi from '../../docs/openapi.json' with { type: 'json' }
import { createApi } from '../../lib/http/api.ts'
import { apiOptionsFromEnvironment } from '../environment.ts'

export const handler = createApi(
  'docs',
  {
    async openapi() {
      return { body: openapi }
    },

    async docs() {
      return { body: '<!doctype html>' }
    },
  },
  apiOptionsFromEnvironment(),
)
