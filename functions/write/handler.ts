import { postAnswer } from '../../lib/http/answers.ts'
import { type Call, createApi } from '../../lib/http/api.ts'
import type { Routes } from '../../lib/http/routes.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { post } from '../../lib/ledger/post.ts'
import {
  exchangeCommand,
  transferCommand,
  type VerbName,
  verbCommand,
} from '../../lib/ledger/verbs.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { identifyFromEnvironment } from '../callers.ts'
import { ledgerFromEnvironment } from '../ledger.ts'

const ledger = ledgerFromEnvironment()

type Writing = Pick<Call<Routes['spend']>, 'caller' | 'idempotencyKey' | 'requestId'>

async function carryOut(command: Command, { caller, idempotencyKey, requestId }: Writing) {
  const origin = { client: caller.client, idempotencyKey, requestId }
  return postAnswer(await post(ledger, command, origin), caller)
}

const verb = (name: VerbName) => (call: Call<Routes[VerbName]>) =>
  carryOut(verbCommand(name, { ...call.params, ...call.body }), call)

export const handler = createApi(
  'write',
  {
    topup: verb('topup'),
    bonus: verb('bonus'),
    deposit: verb('deposit'),
    spend: verb('spend'),
    withdraw: verb('withdraw'),
    transfer: (call) => carryOut(transferCommand({ ...call.params, ...call.body }), call),
    exchange: (call) => carryOut(exchangeCommand({ ...call.params, ...call.body }), call),
    post: (call) => carryOut({ type: 'POST', ...call.body }, call),
    reverse: (call) => carryOut({ type: 'REVERSE', ...call.params, ...call.body }, call),
    hold: (call) => carryOut({ type: 'HOLD', ...call.params, ...call.body }, call),
    capture: (call) => carryOut({ type: 'CAPTURE', ...call.params, ...call.body }, call),
    void: (call) => carryOut({ type: 'VOID', ...call.params }, call),
  },
  apiOptionsFromEnvironment(identifyFromEnvironment(), ledger),
)
