import type * as z from 'zod/mini'
import {
  assetAnswer,
  balanceAnswer,
  entryAnswer,
  healthAnswer,
  historyPageOf,
  holdAnswer,
  openApiAnswer,
  pageOf,
  readyAnswer,
  text,
  transactionAnswer,
  verifyAnswer,
  walletAnswer,
} from './answer-schemas.ts'
import {
  deadLetterAnswer,
  flagAnswer,
  lineAnswer,
  replayAnswer,
  statsAnswer,
  supplyAnswer,
} from './audit-answer-schemas.ts'
import type { RouteName } from './routes.ts'

/**
 * What each route answers when all went well: a new route is a new row here, too. Not in the route table, because every
 * function loads that one, and none of them needs these: only their types, and the document.
 */
export const ROUTE_ANSWERS = {
  topup: transactionAnswer,
  bonus: transactionAnswer,
  deposit: transactionAnswer,
  spend: transactionAnswer,
  withdraw: transactionAnswer,
  transfer: transactionAnswer,
  exchange: transactionAnswer,
  post: transactionAnswer,
  reverse: transactionAnswer,
  hold: transactionAnswer,
  capture: transactionAnswer,
  void: transactionAnswer,
  putWallet: walletAnswer,
  freeze: walletAnswer,
  unfreeze: walletAnswer,
  close: walletAnswer,
  putAsset: assetAnswer,
  getWallet: walletAnswer,
  getBalance: balanceAnswer,
  listTransactions: historyPageOf(transactionAnswer),
  listEntries: historyPageOf(entryAnswer),
  verifyEntries: verifyAnswer,
  listHolds: pageOf(holdAnswer),
  getHold: holdAnswer,
  getTransaction: transactionAnswer,
  listAssets: pageOf(assetAnswer),
  getAsset: assetAnswer,
  stats: statsAnswer,
  supply: supplyAnswer,
  statement: pageOf(lineAnswer),
  listFlags: pageOf(flagAnswer),
  acknowledgeFlag: flagAnswer,
  listDeadLetters: pageOf(deadLetterAnswer),
  getDeadLetter: deadLetterAnswer,
  replayDeadLetter: replayAnswer,
  replayDeadLetters: replayAnswer,
  health: healthAnswer,
  ready: readyAnswer,
  metrics: text,
  openapi: openApiAnswer,
  docs: text,
  docsFile: text,
} as const satisfies Record<RouteName, z.ZodMiniType>

/** As it is given, by the name of its route. */
export type RouteAnswer<Name extends RouteName> = z.input<(typeof ROUTE_ANSWERS)[Name]>
