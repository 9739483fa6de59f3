/** The deployments that one account can hold side by side. */
export const STAGES = ['dev', 'prod'] as const
export type Stage = (typeof STAGES)[number]

export function isStage(value: unknown): value is Stage {
  return STAGES.some((stage) => stage === value)
}
