import { existsSync, readFileSync } from 'node:fs'
import type { Noted } from './kept-word.ts'

/** From a start of the database to its end. */
export interface Life {
  readonly diary: string
  /** Whether its end was a SIGKILL. */
  wasKilled: boolean
}

/** What DynamoDB Local itself did to what it had said was done. */
export interface Word {
  readonly said: number
  /** It had answered 200, and after its next start nothing of that was there. */
  readonly lost: ReadonlySet<string>
  readonly mostLostAtOnce: number
  /** How long after it was said each of them was on the disk for sure, shortest first. */
  readonly keptAfterMs: readonly number[]
  /** What it lost although it was on the disk, or although nobody had killed it: for that there is no excuse. */
  readonly faults: readonly string[]
}

/**
 * What was done can be done again only after it was lost: a record is put where none is, and nowhere else. So what
 * is said in two lives was lost between them; and so was what is not there in the end.
 */
export function readWord(lives: readonly Life[], inLedger: ReadonlySet<string>): Word {
  const told = lives.map(({ diary }) => read(diary))
  const lost = new Set<string>()
  const faults: string[] = []
  let mostLostAtOnce = 0
  for (const [n, { said, kept }] of told.entries()) {
    const later = new Set(told.slice(n + 1).flatMap((next) => Array.from(next.said)))
    const gone = Array.from(said).filter((id) => later.has(id) || !inLedger.has(id))
    mostLostAtOnce = Math.max(mostLostAtOnce, gone.length)
    for (const id of gone) {
      lost.add(id)
      if (kept.has(id)) faults.push(`${id}: was lost from the disk`)
      if (!lives[n]?.wasKilled) faults.push(`${id}: was lost, and nobody had killed the database`)
    }
  }
  const said = told.reduce((sum, life) => sum + life.said.size, 0)
  const keptAfterMs = told.flatMap((life) => life.keptAfterMs).sort((a, b) => a - b)
  return { said, lost, mostLostAtOnce, keptAfterMs, faults }
}

function read(diary: string) {
  const said = new Set<string>()
  const kept = new Set<string>()
  const keptAfterMs: number[] = []
  const text = existsSync(diary) ? readFileSync(diary, 'utf8') : ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    const { what, id, afterMs = 0 }: Noted = JSON.parse(line)
    if (!id.startsWith('txn_')) continue
    if (what === 'said') {
      said.add(id)
      continue
    }
    kept.add(id)
    keptAfterMs.push(afterMs)
  }
  return { said, kept, keptAfterMs }
}
