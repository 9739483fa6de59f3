import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/client-dynamodb'
import { overloaded } from '../errors.ts'
import { type ReadyQuery, readQuery, readScan } from '../queries.ts'
import { type Respond, type Service, tableOf } from '../service.ts'
import type { Table } from '../table.ts'
import { takesRead } from '../throughput.ts'
import { viewOf } from './read-items.ts'

export function query(service: Service, input: QueryCommandInput, respond: Respond): number {
  const table = tableOf(service, input.TableName)
  return page(service, table, readQuery(table, input), respond)
}

export function scan(service: Service, input: ScanCommandInput, respond: Respond): number {
  const table = tableOf(service, input.TableName)
  return page(service, table, readScan(table, input), respond)
}

function page(service: Service, table: Table, ready: ReadyQuery, respond: Respond): number {
  const { partition, isConsistent } = ready
  // What a page reads is known when it is read: it is enough to have something left.
  const [first] = table.shelf.partition(partition)
  if (!takesRead(service, first, isConsistent ? 1 : 0.5)) {
    respond({ error: overloaded(service.random) })
    return 0
  }
  respond({ output: ready.run(viewOf(service, isConsistent)) })
  return 0
}
