import { spawnSync } from 'node:child_process'
import { StartFailure } from '../failure.ts'
import { run } from './run.ts'

/** Runs `docker compose` on docker-compose.yml. */
export async function compose(...args: string[]): Promise<void> {
  requireDocker()
  const code = await run('docker', ['compose', ...args])
  if (code !== 0) throw new StartFailure(`docker compose ${args.join(' ')} failed: see above.`)
}

/** Each of these ends in words of its own, and none of them says what to do. */
function requireDocker(): void {
  if (!succeeds('docker', ['--version'])) {
    throw new StartFailure(
      'LocalStack needs Docker, and there is none: https://docs.docker.com/get-docker',
    )
  }
  if (!succeeds('docker', ['compose', 'version'])) {
    throw new StartFailure(
      'This Docker has no `docker compose`. Install its plugin: https://docs.docker.com/compose/install',
    )
  }
  if (!succeeds('docker', ['info'])) {
    throw new StartFailure('Docker does not answer. Start it, or ask for the right to use it.')
  }
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, [...args], { stdio: 'ignore' }).status === 0
}
