import { readFileSync } from 'node:fs'
import { type Costs, pathOf } from '../costs/record.ts'
import { fillPlaces, placesIn } from '../frame/places.ts'
import type { DocumentFile } from '../frame/question.ts'
import { scalingTables } from './tables.ts'

const PATH = 'docs/scaling.md'
const COMMAND = 'scaling'

/** Its tables are the model's, and its words are not. */
export function scalingDocument(costs: Costs): DocumentFile {
  const document = readFileSync(pathOf(PATH), 'utf8')
  const tables = scalingTables(costs)
  for (const name of placesIn(document, COMMAND)) {
    if (tables[name] === undefined) throw new Error(`there is no table ${name}`)
  }
  return { path: PATH, text: fillPlaces(document, COMMAND, tables) }
}
