import { join } from 'node:path'
import { StartFailure } from '../failure.ts'
import { ENDPOINTS, ENVIRONMENT, FOLDER } from './place.ts'
import { run } from './run.ts'

export const OUTPUTS_FILE = join(FOLDER, 'outputs.json')

/** `cdklocal` is the CDK with LocalStack for its AWS. */
export async function deployWithCdk(settings: Readonly<Record<string, string>>): Promise<void> {
  const app = ['--output', join(FOLDER, 'cdk.out')]
  await cdk(['bootstrap', ENVIRONMENT, ...app])
  await cdk([
    ...['deploy', '--all', '--require-approval', 'never', '--outputs-file', OUTPUTS_FILE],
    ...Object.entries(settings).flatMap(([name, value]) => ['--context', `${name}=${value}`]),
    ...app,
  ])
}

async function cdk(args: readonly string[]): Promise<void> {
  const code = await run('cdklocal', args, cdkEnvironment(process.env))
  if (code === 0) return
  throw new StartFailure(
    `cdklocal ${args[0]} failed: see above. LocalStack can make everything that is deployed here, and cannot change all of it: after a change, start afresh with npm run localstack:down && npm run localstack:up.`,
  )
}

/** Whatever account the person at the terminal is logged in to, the CDK does not hear of it. */
export function cdkEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(own).filter(([name]) => !/^(?:AWS|CDK)_/.test(name))
  return { ...Object.fromEntries(others), ...ENDPOINTS }
}
