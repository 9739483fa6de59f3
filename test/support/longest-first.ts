import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Of all files, those that take longest. The last to start would be the only one that still runs. */
const LONGEST = [
  'test/e2e/monkey.test.ts',
  'test/by-url/by-url.test.ts',
  'test/e2e/fuzz.test.ts',
  'test/e2e/start.test.ts',
  'test/simulation/mutants/mutants.test.ts',
  'test/chaos/kill.test.ts',
  'test/costs/drift.test.ts',
  'test/integration/history-scale.test.ts',
  'test/integration/races.test.ts',
  'test/e2e/smoke.test.ts',
  'test/deployment/self-contained.test.ts',
  'test/simulation/dynamodb/conditions.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(file))
  return place === -1 ? LONGEST.length : place
}
