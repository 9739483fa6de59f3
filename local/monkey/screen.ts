import { stripVTControlCharacters } from 'node:util'

/** The last lines of a terminal, that change; where there is none, a line now and then. */
export interface Screen {
  /** `line` is what a file gets. */
  readonly show: (lines: readonly string[], line: string) => void
  /** Takes them away, for what is to stay. */
  readonly clear: () => void
}

/** As much of a stream as this needs. */
export interface Out {
  readonly isTTY: boolean
  readonly columns: number
  readonly write: (text: string) => unknown
}

const LINE_EVERY_MS = 5_000
/** More often than that, nobody sees it. */
const DRAW_EVERY_MS = 50
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_BELOW = '\x1b[0J'

export function openScreen(out: Out): Screen {
  return out.isTTY ? openTerminalScreen(out) : openPlainScreen(out)
}

function openTerminalScreen(out: Out): Screen {
  let height = 0
  let shownAt = 0
  const back = () => (height > 0 ? `\x1b[${height}A\r${CLEAR_BELOW}` : '')
  // Whatever ends it: a terminal without a cursor is no gift.
  process.on('exit', () => out.write(SHOW_CURSOR))
  return {
    show(lines) {
      const now = performance.now()
      if (height === lines.length && now - shownAt < DRAW_EVERY_MS) return
      shownAt = now
      const fitting = lines.map((line) => fitted(line, out.columns))
      out.write(`${HIDE_CURSOR}${back()}${fitting.join('\n')}\n`)
      height = lines.length
    },
    clear() {
      out.write(`${back()}${SHOW_CURSOR}`)
      height = 0
    },
  }
}

function openPlainScreen(out: Out): Screen {
  let shownAt = performance.now()
  return {
    show(_, line) {
      if (performance.now() - shownAt < LINE_EVERY_MS) return
      shownAt = performance.now()
      out.write(`${line}\n`)
    },
    clear: () => {},
  }
}

/** A line that breaks would be two, and the next picture would stand below the first. */
function fitted(line: string, columns: number): string {
  const text = stripVTControlCharacters(line)
  return text.length < columns ? line : text.slice(0, Math.max(0, columns - 1))
}
