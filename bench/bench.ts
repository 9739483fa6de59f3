import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readOptions, runCommand, StartFailure } from '../local/failure.ts'
import { endProgress, showProgress } from '../local/progress.ts'
import { fillPlaces, placesIn } from './frame/places.ts'
import type { Answer, Question } from './frame/question.ts'
import { pathInDocs, report } from './frame/report.ts'
import { QUESTIONS } from './questions.ts'

const HELP = `How fast and how cheap Strongbox is, measured on this machine, and whether that is what it should be.
All of it takes less than ten minutes on two cores that have nothing else to do.

  npm run bench
  npm run bench -- --only ${QUESTIONS.slice(0, 2)
    .map(({ name }) => name)
    .join(',')}
  npm run bench -- --write               also into docs/performance.md, what was asked and nothing else

${QUESTIONS.map(({ name, question }) => `  ${name.padEnd(12)} ${question}`).join('\n')}
`

const DOCS = join(import.meta.dirname, '../docs')
const DOCUMENT = join(DOCS, 'performance.md')
const COMMAND = 'bench'

await runCommand(async () => {
  const options = readOptions(HELP, {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  })
  if (!options) return
  const asked = options.only === undefined ? QUESTIONS : questionsNamed(options.only)
  // Before minutes are spent on what then has nowhere to go.
  if (options.write) requirePlaces(asked)
  for (const question of asked) {
    const { answer, text } = await ask(question)
    console.log(`## ${question.question}\n\n${text}\n`)
    if (options.write) write(question.name, text, answer)
  }
})

async function ask({ name, run }: Question): Promise<{ answer: Answer; text: string }> {
  const startedAt = performance.now()
  try {
    const answer = await run((done, of) => showProgress(done, of, name))
    return { answer, text: report(answer, (performance.now() - startedAt) / 1000) }
  } finally {
    endProgress()
  }
}

function questionsNamed(list: string): Question[] {
  return list.split(',').map((wanted) => {
    const found = QUESTIONS.find(({ name }) => name === wanted.trim())
    if (found) return found
    const known = QUESTIONS.map(({ name }) => name).join(', ')
    throw new StartFailure(`--only takes some of ${known}, and not "${wanted}".`)
  })
}

function requirePlaces(questions: readonly Question[]): void {
  const places = placesIn(readFileSync(DOCUMENT, 'utf8'), COMMAND)
  const missing = questions.filter(({ name }) => !places.includes(name))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(', ')
  throw new StartFailure(`docs/performance.md has no place for ${names}.`)
}

function write(name: string, text: string, { pictures = [], documents = [] }: Answer): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  writeFileSync(DOCUMENT, fillPlaces(document, COMMAND, { [name]: text }))
  for (const picture of pictures) {
    const file = join(DOCS, pathInDocs(picture))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, picture.svg)
  }
  for (const { path, text: whole } of documents) writeFileSync(join(DOCS, '..', path), whole)
  const written = ['docs/performance.md', ...documents.map(({ path }) => path)]
  console.error(`${written.join(' and ')}: ${name} is written.`)
}
