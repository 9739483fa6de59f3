import type { Brand } from './brand.ts'

export type AssetCode = Brand<string, 'AssetCode'>

export const ASSET_CODE_PATTERN = /^[A-Z][A-Z0-9_]{1,31}$/
export const MAX_SCALE = 8

export interface Asset {
  readonly code: AssetCode
  readonly name: string
  /** How many decimal places a display puts in an amount: 250 at scale 2 is shown as 2.50. */
  readonly scale: number
  readonly active: boolean
}
