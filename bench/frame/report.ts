import { cpus } from 'node:os'
import { markdown } from './markdown.ts'
import type { Answer, Picture } from './question.ts'
import type { Target } from './target.ts'

/** An answer in Markdown, which a terminal shows well enough. */
export function report(
  { targets, tables, pictures = [], remarks = [] }: Answer,
  seconds: number,
): string {
  return [
    conditions(seconds),
    ...(targets.length > 0 ? [targetsTable(targets)] : []),
    ...tables.map(({ title, headers, rows }) => `**${title}**\n\n${markdown(headers, rows)}`),
    ...pictures.map((picture) => `![${picture.title}](${pathInDocs(picture)})`),
    ...remarks,
  ].join('\n\n')
}

export function pathInDocs({ name }: Picture): string {
  return `performance/${name}.svg`
}

function conditions(seconds: number): string {
  const today = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  const [cpu] = cpus()
  const cores = `${cpus().length} cores (${cpu?.model.trim()})`
  return `Measured on ${today} in ${Math.ceil(seconds)} s, on ${cores} with Node ${process.versions.node}.`
}

function targetsTable(targets: readonly Target[]): string {
  return markdown(
    ['target', 'wanted', 'measured', ''],
    targets.map(({ what, wanted, measured, isMet }) => [
      what,
      wanted,
      measured,
      isMet ? 'met' : '**missed**',
    ]),
  )
}
