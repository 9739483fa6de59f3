import { postAnswer } from '../../lib/http/answers.ts'
import { type Call, createApi } from '../../lib/http/api.ts'
import type { Routes } from '../../lib/http/routes.ts'
import { post } from '../../lib/ledger/post.ts'
import { type VerbName, verbRequest } from '../../lib/ledger/verbs.ts'
import { apiOptionsFromEnvironment, ledgerFromEnvironment } from '../environment.ts'

const ledger = ledgerFromEnvironment()

const verb =
  (name: VerbName) =>
  async ({ params, body, caller, idempotencyKey, requestId }: Call<Routes[VerbName]>) => {
    const request = verbRequest(name, { walletId: params.id, ...body })
    const origin = { client: caller.client, idempotencyKey, requestId }
    return postAnswer(await post(ledger, request, origin), caller)
  }

export const handler = createApi(
  'write',
  {
    topup: verb('topup'),
    bonus: verb('bonus'),
    deposit: verb('deposit'),
    spend: verb('spend'),
    withdraw: verb('withdraw'),
  },
  apiOptionsFromEnvironment(),
)
