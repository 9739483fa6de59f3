import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'underline' | 'red' | 'yellow' | 'green' | 'blue' | 'cyan'

/** Colours where they can be seen and are wanted: not in a file, and not with NO_COLOR. */
export type Paint = (style: Style | readonly Style[], text: string) => string

export const paintForTerminal: Paint = (style, text) =>
  styleText([style].flat(), text, { stream: process.stdout })

export const paintNothing: Paint = (_, text) => text
