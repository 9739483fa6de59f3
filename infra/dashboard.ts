import { CfnOutput, Stack } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  SearchExpression,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { MINUTE } from './alarms/alarms.ts'
import type { Functions } from './alarms/function-alarms.ts'
import { throttles } from './alarms/ledger-alarms.ts'
import { lambdaMetric, namespaceOf, ourMetric, tableMetric } from './alarms/metrics.ts'
import type { Doors } from './edge/door.ts'
import type { Stage } from './settings.ts'

export interface DashboardProps {
  readonly stage: Stage
  readonly alarms: readonly Alarm[]
  readonly doors: Doors
  readonly functions: Functions
  readonly ledger: TableV2
  readonly audit: TableV2
}

/** CloudWatch's own: a row is 24 wide. */
const ROW = 24
const HALF = ROW / 2
const QUARTER = ROW / 4
const OPERATION = dimensionValue('operation')
const OUTCOME = dimensionValue('outcome')
const ASSET = dimensionValue('asset')
const SINGLE_VALUE_HEIGHT = 3

/** Three questions, each answered in one row or two: is money moving, is it right, is it late. */
export function createDashboard(scope: Construct, props: DashboardProps): void {
  const { stage, alarms } = props
  const dashboard = new Dashboard(scope, 'Dashboard', { dashboardName: `strongbox-${stage}` })
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: ROW, height: 4 }),
  )
  for (const row of [...moving(props), ...right(props), ...late(props)])
    dashboard.addWidgets(...row)
  const { region, partition } = Stack.of(scope)
  const host = partition === 'aws-cn' ? 'console.amazonaws.cn' : 'console.aws.amazon.com'
  new CfnOutput(scope, 'DashboardUrl', {
    value: `https://${region}.${host}/cloudwatch/home?region=${region}#dashboards:name=strongbox-${stage}`,
  })
}

function moving({ stage, doors, functions, ledger }: DashboardProps): IWidget[][] {
  return [
    [heading('Is money moving?')],
    [
      graph('Done', [
        search(stage, OF_REQUESTS, 'MetricName="Requests" outcome="done"', 'Sum', OPERATION),
      ]),
      graph('Not done, and why', [
        search(
          stage,
          OF_REQUESTS,
          'MetricName="Requests" NOT outcome="done"',
          'Sum',
          `${OPERATION}: ${OUTCOME}`,
        ),
      ]),
    ],
    [
      graph('What wallets have', [
        search(stage, OF_ASSETS, 'MetricName="InWallets"', 'Maximum', ASSET),
      ]),
      graph('Answers of the doors', [
        ...ofDoors(doors, 'requests', 'Sum'),
        ...ofDoors(doors, 'refusals', 'Sum'),
        ...ofDoors(doors, 'failures', 'Sum'),
      ]),
    ],
    [
      graph('Functions at once', ofFunctions(functions, 'ConcurrentExecutions', 'Maximum')),
      graph('Units of the ledger', [
        tableMetric(ledger.tableName, 'ConsumedWriteCapacityUnits', 'Sum'),
        tableMetric(ledger.tableName, 'ConsumedReadCapacityUnits', 'Sum'),
      ]),
    ],
  ]
}

function right({ stage }: DashboardProps): IWidget[][] {
  return [
    [heading('Is it right?')],
    [
      value('Assets whose sum is not 0', ourMetric(stage, 'watch', 'UnbalancedAssets', 'Maximum')),
      value(
        'Changes that nothing explains',
        ourMetric(stage, 'audit', 'UnexplainedChanges', 'Sum'),
      ),
      value('Dead letters', ourMetric(stage, 'watch', 'OpenDeadLetters', 'Maximum')),
      value('Flags to look at', ourMetric(stage, 'watch', 'OpenFlags', 'Maximum')),
    ],
    [
      graph('Entries projected, and records that come again', [
        ourMetric(stage, 'audit', 'EntriesProjected', 'Sum'),
        ourMetric(stage, 'audit', 'RecordsToComeAgain', 'Sum'),
      ]),
      graph('Asked twice, done once', [
        search(stage, OF_REQUESTS, 'MetricName="Replays"', 'Sum', OPERATION),
      ]),
    ],
  ]
}

function late({ stage, doors, functions, ledger, audit }: DashboardProps): IWidget[][] {
  const auditor = functions.get('audit')
  return [
    [heading('Is it late?')],
    [
      graph('Latency at the doors, ms', [
        ...ofDoors(doors, 'latency', 'p50'),
        ...ofDoors(doors, 'latency', 'p99'),
      ]),
      graph('Time of the functions, p99, ms', ofFunctions(functions, 'Duration', 'p99')),
    ],
    [
      graph('Tries that lost a race', [
        ourMetric(stage, 'write', 'Conflicts', 'Sum'),
        ourMetric(stage, 'write', 'Retries', 'Sum'),
      ]),
      graph('Refused by DynamoDB', [throttles({ ledger, audit })]),
    ],
    [
      graph('The audit behind the ledger, ms', [
        ...(auditor ? [lambdaMetric(auditor.functionName, 'IteratorAge', 'Maximum')] : []),
        ourMetric(stage, 'watch', 'AuditLag', 'Maximum'),
      ]),
      graph(
        'Refused by Lambda, for want of concurrency',
        ofFunctions(functions, 'Throttles', 'Sum'),
      ),
    ],
  ]
}

function heading(text: string): IWidget {
  return new TextWidget({ markdown: `# ${text}`, width: ROW, height: 1 })
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: HALF, leftYAxis: { min: 0, showUnits: false } })
}

function value(title: string, metric: IMetric): IWidget {
  return new SingleValueWidget({
    title,
    metrics: [metric],
    width: QUARTER,
    height: SINGLE_VALUE_HEIGHT,
    sparkline: true,
  })
}

function ofDoors(doors: Doors, name: keyof Doors[string]['metrics'], statistic: string): IMetric[] {
  return Object.entries(doors).map(([doorName, { metrics }]) =>
    metrics[name]({ statistic, period: MINUTE, label: `${doorName}: ${name}, ${statistic}` }),
  )
}

function ofFunctions(
  functions: Functions,
  metricName: string,
  statistic: 'Sum' | 'Maximum' | 'p99',
) {
  return Array.from(functions, ([name, { functionName }]) =>
    lambdaMetric(functionName, metricName, statistic).with({ label: name }),
  )
}

/** As `measure` of lib/http writes them. */
const OF_REQUESTS = ['service', 'operation', 'outcome']
const OF_ASSETS = ['service', 'asset']

/** A line for each set of dimensions that there is; which ones there are, nobody knows before. */
function search(
  stage: Stage,
  dimensions: readonly string[],
  filter: string,
  statistic: 'Sum' | 'Maximum',
  label: string,
): IMetric {
  const schema = [namespaceOf(stage), ...dimensions].join(',')
  return new SearchExpression({
    expression: `SEARCH('{${schema}} ${filter}', '${statistic}')`,
    label,
    period: MINUTE,
  })
}

/** In a label, where CloudWatch puts what the dimension of a line is. */
function dimensionValue(dimension: string): string {
  return `\${PROP('Dim.${dimension}')}`
}
