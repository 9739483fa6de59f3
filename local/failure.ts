/** Something that the person at the terminal can mend. It is printed as one line, without a stack. */
export class StartFailure extends Error {
  override name = 'StartFailure'
}

/** Runs a command's main function; what a person can mend is one line, a bug keeps its stack. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
