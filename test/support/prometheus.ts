/** A strict reader of Prometheus' text format, version 0.0.4: whatever it does not know is an error. */

export interface ReadFamily {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly ReadSample[]
}

export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const METRIC_NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(String.raw`^# HELP (${METRIC_NAME}) ((?:[^\\\n]|\\\\|\\n)*)$`)
const TYPE = new RegExp(`^# TYPE (${METRIC_NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(String.raw`^(${METRIC_NAME})(?:\{(.*)\})? (\S+)$`)
/** One label, and the comma that must be there if another follows. */
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,(?=.)|$)/y
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/

/** Families in their order, or an error that quotes the line that is wrong. */
export function readExposition(text: string): ReadFamily[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const families: ReadFamily[] = []
  const lines = text.split('\n').slice(0, -1)
  while (lines.length > 0) families.push(takeFamily(lines))
  unique(families.map(({ name }) => name))
  return families
}

function takeFamily(lines: string[]): ReadFamily {
  const [, name = '', help = ''] = wanted(HELP, lines.shift(), 'HELP')
  const [, typed, type = ''] = wanted(TYPE, lines.shift(), 'TYPE')
  if (typed !== name) throw new Error(`the TYPE after the HELP of ${name} is of ${typed}`)
  const end = lines.findIndex((line) => line.startsWith('#'))
  const samples = lines
    .splice(0, end === -1 ? lines.length : end)
    .map((line) => readSample(line, name))
  unique(samples.map(({ labels }) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`))
  const isBelowZero = samples.some(({ value }) => !(value >= 0))
  if (type === 'counter' && isBelowZero) throw new Error(`${name} counts below zero`)
  return { name, help: unescaped(help), type, samples }
}

function unique(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new Error(`${twice} comes twice`)
}

function readSample(line: string, family: string): ReadSample {
  const [, name, labels, value = ''] = wanted(SAMPLE, line, 'sample')
  if (name !== family) throw new Error(`a sample of ${name} stands below ${family}`)
  if (!NUMBER.test(value)) throw new Error(`${value} is no number: ${line}`)
  return { labels: readLabels(labels, line), value: toNumber(value) }
}

function readLabels(text: string | undefined, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  if (text === undefined) return labels
  if (text === '') throw new Error(`braces with nothing in them: ${line}`)
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = wanted(LABEL, text, 'label')
    if (name.startsWith('__')) throw new Error(`the name ${name} is Prometheus’ own`)
    if (name in labels) throw new Error(`the label ${name} comes twice: ${line}`)
    labels[name] = unescaped(value)
  }
  return labels
}

function wanted(pattern: RegExp, text: string | undefined, what: string): RegExpExecArray {
  const found = text === undefined ? null : pattern.exec(text)
  if (!found) throw new Error(`this is no ${what}: ${text ?? 'the end'}`)
  return found
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}
