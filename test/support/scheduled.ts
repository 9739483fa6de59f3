import { lambdaContext } from '../../local/lambda-context.ts'
import { readLog } from './logs.ts'

/** A function that a schedule calls, and what it wrote meanwhile. */
export interface Run<Answer> {
  readonly answer: Answer
  /** All metrics that it published, one for each dimension: the sums of CloudWatch's own format. */
  readonly metrics: readonly Record<string, unknown>[]
  readonly lines: readonly Record<string, unknown>[]
}

export type Scheduled<Answer> = (
  event: object,
  context: ReturnType<typeof lambdaContext>,
) => Promise<Answer>

const TIMEOUT_MS = 120_000

/** Others write into the same log: only what this function wrote counts. */
export async function runScheduled<Answer>(
  name: string,
  handler: Scheduled<Answer>,
): Promise<Run<Answer>> {
  const before = readLog().length
  const answer = await handler({}, lambdaContext(name, TIMEOUT_MS))
  const written = readLog()
    .slice(before)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ service }) => service === `strongbox-${name}`)
  return {
    answer,
    metrics: written.filter((line) => '_aws' in line),
    lines: written.filter((line) => 'level' in line),
  }
}
