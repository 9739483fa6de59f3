import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Trace } from '../trace.ts'
import { noTable } from './errors.ts'
import type { Faults } from './faults.ts'
import type { Slot } from './shelf.ts'
import type { Table } from './table.ts'
import type { Tokens } from './tokens.ts'
import type { Outcome } from './writes.ts'

/** What all commands work with. */
export interface Service {
  readonly nowUs: () => number
  readonly after: (delayUs: number, work: () => void) => void
  readonly random: Random
  readonly faults: () => Faults
  readonly tables: ReadonlyMap<string, Table>
  readonly tokens: Tokens
  readonly trace: Trace
  readonly tally: Tally
}

/** Answers once, after so long, which is known at once. */
export type Handle<Input> = (service: Service, input: Input, respond: Respond) => number

export type Respond = (answer: Answer) => void

export type Answer = { readonly output: object } | { readonly error: Error }

export function tableOf({ tables }: Service, name: string | undefined): Table {
  const table = tables.get(name ?? '')
  if (!table) throw noTable()
  return table
}

export function writeSlot(
  { nowUs, trace }: Service,
  table: Table,
  slot: Slot,
  { item, bytes }: Outcome,
): void {
  trace.add(`${nowUs()} ${item ? 'set' : 'remove'} ${table.name} ${slot.home.name} ${slot.sort}`)
  table.write(slot, item, bytes)
}
