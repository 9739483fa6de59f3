import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program that talks to the person at the terminal. The answer is what it ended with. */
export async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(program, [...args], { env, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}
