/** npm passes on what the terminal has told everybody, so that one press arrives twice. */
const SAME_PRESS_MS = 500
/** As a shell names who was ended by it. */
const INTERRUPTED = 130

/** Whether somebody wants it to end. Who asks twice does not want to wait. */
export function listenForCtrlC(): () => boolean {
  let pressedAt: number | undefined
  process.on('SIGINT', () => {
    const now = performance.now()
    if (pressedAt !== undefined && now - pressedAt > SAME_PRESS_MS) process.exit(INTERRUPTED)
    pressedAt ??= now
  })
  return () => pressedAt !== undefined
}
