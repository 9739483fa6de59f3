import type { RawRequest } from '../sign.ts'
import type { CallerPlan } from './callers.ts'

/** A request and what its answer must be, as far as the request alone tells. */
export interface Shot {
  readonly kind: string
  readonly request: RawRequest
  readonly caller: CallerPlan
  /** Whether nobody may carry it out. */
  readonly mustBeRefused: boolean
}
