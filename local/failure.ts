import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** Something that the person at the terminal can mend. It is printed as it is, without a stack. */
export class StartFailure extends Error {
  override name = 'StartFailure'
}

/** Runs a command's main function; what a person can mend is said in words, a bug keeps its stack. */
export async function runCommand(main: () => Promise<void>, exitCode = 1): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = exitCode
  }
}

/** What was typed behind a command. Prints the help and gives nothing where that was asked for. */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
) {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(`${help}\n`)
    return undefined
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    // That is how parseArgs says that somebody mistyped.
    if (error instanceof TypeError) throw new StartFailure(`${error.message}\n\n${help}`)
    throw error
  }
}
