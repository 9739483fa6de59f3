import { readFileSync } from 'node:fs'
import { fillPlaces, placesIn } from '../frame/places.ts'
import { ASSUMPTIONS } from './dollars.ts'
import { COSTS_FILE, type Costs, pathOf } from './record.ts'
import { tablesOf } from './tables.ts'

/** Whose tables are made, and whose words are not. */
const DOCUMENTS = ['docs/costs.md', 'docs/deploy.md']
const COMMAND = 'costs'

export interface DocumentFile {
  readonly path: string
  readonly text: string
}

/** What is kept, and the documents with tables that are made of it. */
export function documentsOf(costs: Costs): DocumentFile[] {
  const tables = tablesOf(costs, ASSUMPTIONS)
  return [
    { path: COSTS_FILE, text: `${JSON.stringify(costs, null, 2)}\n` },
    ...DOCUMENTS.map((path) => ({
      path,
      text: withTables(readFileSync(pathOf(path), 'utf8'), tables),
    })),
  ]
}

function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  for (const name of placesIn(text, COMMAND)) {
    if (tables[name] === undefined) throw new Error(`there is no table ${name}`)
  }
  return fillPlaces(text, COMMAND, tables)
}
