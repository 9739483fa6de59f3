import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { DynamoDBRecord } from 'aws-lambda'
import { replay, replayRecord } from '../lib/audit/replay.ts'
import { balanceOf } from '../lib/audit/stream-record.ts'
import type { DeadLetter } from '../lib/audit/table/items.ts'
import { type AuditSource, openAuditSource, SOURCE_HELP, SOURCE_OPTIONS } from './audit-source.ts'
import { runCommand, StartFailure } from './failure.ts'
import { FAILED_RECORDS } from './stack.ts'

const HELP = `Records of the ledger's stream that could not be processed. Replaying one catches up the balance that it is
about, from the ledger.

  npm run dead-letters -- list
  npm run dead-letters -- show ID
  npm run dead-letters -- replay ID
  npm run dead-letters -- replay --all
  npm run dead-letters -- replay-files DIR     what the mapping gave up, one file for each batch: DIR is
                                               .local/failed-records, or the bucket FailedRecords, copied
                                               with \`aws s3 cp --recursive\`

${SOURCE_HELP}
`

const PAGE = 100
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: PAGE }

await runCommand(async () => {
  const { command, subject, values } = readArguments()
  if (command === undefined || values.help) {
    process.stdout.write(`${HELP}\n`)
    process.exitCode = values.help ? 0 : 1
    return
  }
  const source = await openAuditSource(values)
  try {
    await carryOut(source, command, subject, values)
  } finally {
    await source.close()
  }
})

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        ...SOURCE_OPTIONS,
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [command, subject, ...more] = positionals
    if (more.length > 0) throw new StartFailure(`What is "${more.join(' ')}"?\n\n${HELP}`)
    return { command, subject, values }
  } catch (error) {
    // That is how parseArgs says that somebody mistyped.
    if (error instanceof TypeError) throw new StartFailure(`${error.message}\n\n${HELP}`)
    throw error
  }
}

async function carryOut(
  source: AuditSource,
  command: string,
  subject: string | undefined,
  { all, folder }: { readonly all: boolean; readonly folder: string },
): Promise<void> {
  switch (command) {
    case 'list':
      return list(source)
    case 'show':
      console.log(JSON.stringify(await find(source, subject), null, 2))
      return
    case 'replay':
      if (all) return replayAll(source)
      return replayOne(source, await find(source, subject))
    case 'replay-files':
      return replayFiles(source, subject ?? join(folder, FAILED_RECORDS))
    default:
      throw new StartFailure(`There is no "${command}".\n\n${HELP}`)
  }
}

async function* deadLetters({ table }: AuditSource): AsyncGenerator<DeadLetter> {
  let after: string | undefined
  do {
    const { items, next } = await table.listDeadLetters({ ...EVER, after })
    yield* items
    after = next
  } while (after !== undefined)
}

async function list(source: AuditSource): Promise<void> {
  let count = 0
  for await (const { id, walletId, asset, reason, firstFailedAt } of deadLetters(source)) {
    count += 1
    const at = new Date(firstFailedAt).toISOString()
    console.log(`${id}  ${at}  ${walletId ?? '?'} ${asset ?? '?'}  ${reason}`)
  }
  if (count === 0) console.log('There are none.')
}

async function find({ table }: AuditSource, id: string | undefined) {
  if (id === undefined) throw new StartFailure(`Which one?\n\n${HELP}`)
  const letter = await table.readDeadLetter(id)
  if (!letter) throw new StartFailure(`There is no dead letter ${id}.`)
  return letter
}

async function replayAll(source: AuditSource): Promise<void> {
  // All of them first: replaying takes them out of what is being read.
  const letters: DeadLetter[] = []
  for await (const letter of deadLetters(source)) letters.push(letter)
  if (letters.length === 0) console.log('There are none.')
  for (const letter of letters) await replayOne(source, letter)
}

async function replayOne({ projector }: AuditSource, letter: DeadLetter): Promise<void> {
  const result = await replay(projector(), letter)
  if (result.kind === 'replayed') {
    console.log(`${letter.id}: ${result.entries} entries were projected.`)
    return
  }
  console.log(`${letter.id}: ${result.reason}`)
  process.exitCode = 1
}

/** What Lambda writes for a batch that it gave up has the event in it, as text. */
async function replayFiles(source: AuditSource, folder: string): Promise<void> {
  if (!existsSync(folder)) throw new StartFailure(`There is no ${folder}: nothing was given up.`)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const name of files.filter((file) => file.endsWith('.json'))) {
    const { payload } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const { Records }: { Records: DynamoDBRecord[] } = JSON.parse(payload)
    for (const record of Records) {
      const { walletId, asset } = balanceOf(record) ?? {}
      const entries = await replayRecord(source.projector(), { walletId, asset, record })
      console.log(`${name}: ${entries} entries were projected.`)
    }
  }
}
