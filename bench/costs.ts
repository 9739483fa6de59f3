import { writeFileSync } from 'node:fs'
import { startDynamoDb } from '../local/dynamodb.ts'
import { readOptions, runCommand, StartFailure } from '../local/failure.ts'
import { endProgress, showProgress } from '../local/progress.ts'
import { documentsOf } from './costs/document.ts'
import { ASSUMPTIONS, type Assumptions, dollarsPerMillion, monthly } from './costs/dollars.ts'
import { type Costs, pathOf, readCosts } from './costs/record.ts'
import { printed } from './costs/tables.ts'

const HELP = `What each operation needs of AWS, and what a million of them cost. Units, bytes and log lines are measured: the
real functions, on DynamoDB Local, with a meter between them that goes by AWS's published rules. It takes half a minute.

  npm run costs
  npm run costs -- --recorded            from docs/costs.json, without measuring
  npm run costs -- --edge rest           behind a REST API (default: ${ASSUMPTIONS.edge})
  npm run costs -- --ms 40               if a function works so long on a request (default: ${ASSUMPTIONS.requestMs})
  npm run costs -- --audit-ms 60         and the audit on what follows from it (default: ${ASSUMPTIONS.auditMs})
  npm run costs -- --json                all of it, for a program
  npm run costs -- --write               also into docs/costs.json, docs/costs.md and docs/deploy.md

Prices are those of bench/costs/prices.ts. How long functions work is assumed, because no laptop is a Lambda.
`

await runCommand(async () => {
  const options = readOptions(HELP, {
    recorded: { type: 'boolean', default: false },
    edge: { type: 'string', default: ASSUMPTIONS.edge },
    ms: { type: 'string', default: String(ASSUMPTIONS.requestMs) },
    'audit-ms': { type: 'string', default: String(ASSUMPTIONS.auditMs) },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  })
  if (!options) return
  const assumptions: Assumptions = {
    ...ASSUMPTIONS,
    edge: toEdge(options.edge),
    requestMs: toMs('--ms', options.ms),
    auditMs: toMs('--audit-ms', options['audit-ms']),
  }
  const costs = options.recorded ? readCosts() : await measure()
  console.log(options.json ? asJson(costs, assumptions) : printed(costs, assumptions))
  if (!options.write) return
  for (const { path, text } of documentsOf(costs)) {
    writeFileSync(pathOf(path), text)
    console.error(`${path} is written.`)
  }
})

async function measure(): Promise<Costs> {
  // The CDK takes seconds to load, which `--help` and `--recorded` need not wait for.
  const [{ readDeployed }, { measureAll }] = await Promise.all([
    import('./costs/deployed.ts'),
    import('./costs/measure.ts'),
  ])
  const dynamoDb = await startDynamoDb({})
  try {
    const measured = await measureAll(dynamoDb.endpoint, (done, of) => {
      showProgress(done, of, 'operations')
    })
    endProgress()
    const measuredOn = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
    return { measuredOn, ...measured, deployed: readDeployed() }
  } finally {
    await dynamoDb.stop()
  }
}

function asJson(costs: Costs, assumptions: Assumptions): string {
  const { operations, deployed } = costs
  const dollars = operations.map((operation) => ({
    name: operation.name,
    ...dollarsPerMillion(operation, assumptions, deployed),
  }))
  const inDollars = { millionOf: dollars, monthly: monthly(costs, assumptions) }
  return JSON.stringify({ ...costs, assumptions, dollars: inDollars }, null, 2)
}

function toEdge(text: string): Assumptions['edge'] {
  if (text === 'http' || text === 'rest') return text
  throw new StartFailure(`--edge is http or rest, and not "${text}".`)
}

function toMs(name: string, text: string): number {
  const ms = Number(text)
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new StartFailure(`${name} is a number of milliseconds, and not "${text}".`)
}
