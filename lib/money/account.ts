import type { Brand } from './brand.ts'

/** Somebody's wallet. */
export type WalletId = Brand<string, 'WalletId'>
/** A source or sink of money that the house owns: no floor, and its balance is projected. */
export type SystemAccount = Brand<string, 'SystemAccount'>
export type Account = WalletId | SystemAccount

/** No `#`, so that no id can forge a key; no leading `@`, so that no wallet can pass for a system account. */
export const WALLET_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/
export const SYSTEM_ACCOUNT_PATTERN = /^@[a-z][a-z0-9-]{0,31}$/

export function isWalletId(value: string): value is WalletId {
  return WALLET_ID_PATTERN.test(value)
}

export function isSystemAccount(value: string): value is SystemAccount {
  return SYSTEM_ACCOUNT_PATTERN.test(value)
}

export function isAccount(value: string): value is Account {
  return isWalletId(value) || isSystemAccount(value)
}

export const TREASURY = '@treasury' as SystemAccount
export const EXTERNAL = '@external' as SystemAccount
export const EXCHANGE = '@exchange' as SystemAccount
