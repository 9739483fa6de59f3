import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { WATCH_METRICS } from '../../lib/audit/watch-metrics.ts'
import { synthesise, WITH_EVERYTHING } from './synthesise.ts'

const widget = z.object({
  type: z.enum(['text', 'metric', 'alarm']),
  width: z.number(),
  x: z.number(),
  properties: z.looseObject({
    title: z.string().optional(),
    markdown: z.string().optional(),
    alarms: z.array(z.unknown()).default([]),
    metrics: z.array(z.array(z.unknown())).default([]),
  }),
})
const ROW_WIDTH = 24

describe.each(['http', 'rest'] as const)('with the edge %s', (edge) => {
  const { service } = synthesise('prod', { ...WITH_EVERYTHING, edge })
  const widgets = widgetsIn(service)

  test('it shows the alarms first, all of them', () => {
    const [first] = widgets

    expect(first?.type).toBe('alarm')
    expect(first?.properties.alarms).toHaveLength(
      Object.keys(service.findResources('AWS::CloudWatch::Alarm')).length,
    )
  })

  test('it asks three questions, and answers each', () => {
    const order = widgets.map(({ type, properties }) =>
      type === 'text' ? properties.markdown : '.',
    )

    expect(order.join('')).toMatch(/^\.# Is money moving\?\.+# Is it right\?\.+# Is it late\?\.+$/)
  })

  test('nothing hangs over its edge', () => {
    const ends = widgets.map(({ x, width }) => x + width)

    expect(Math.max(...ends)).toBe(ROW_WIDTH)
  })

  test('no picture is of nothing', () => {
    const pictures = widgets.filter(({ type }) => type === 'metric')

    expect(pictures.length).toBeGreaterThan(10)
    for (const { properties } of pictures) expect(properties.metrics).not.toEqual([])
  })
})

test('what it shows of the watch is what the watch writes', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const shown = widgetsIn(service)
    .flatMap(({ properties }) => properties.metrics)
    .filter((metric) => metric.includes('strongbox-watch'))
    .map(([, name]) => name)

  expect(shown).not.toEqual([])
  expect(Object.values(WATCH_METRICS)).toEqual(expect.arrayContaining(shown))
})

test('what it searches for has the dimensions that requests are measured by', () => {
  const { service } = synthesise('prod', WITH_EVERYTHING)

  const searches = JSON.stringify(widgetsIn(service)).match(/SEARCH\('\{[^}]+\}[^']*'/g) ?? []

  expect(new Set(searches.map((search) => search.replaceAll('\\', '')))).toEqual(
    new Set([
      `SEARCH('{Strongbox/prod,service,operation,outcome} MetricName="Requests" outcome="done"'`,
      `SEARCH('{Strongbox/prod,service,operation,outcome} MetricName="Requests" NOT outcome="done"'`,
      `SEARCH('{Strongbox/prod,service,operation,outcome} MetricName="Replays"'`,
      `SEARCH('{Strongbox/prod,service,asset} MetricName="InWallets"'`,
    ]),
  )
})

/** Its body is a text with references in it; what they stand for makes no difference here. */
function widgetsIn(template: Template) {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'))
  const parts: unknown[] = dashboard?.['Properties'].DashboardBody['Fn::Join'][1]
  const text = parts.map((part) => (typeof part === 'string' ? part : 'reference')).join('')
  return z.object({ widgets: z.array(widget) }).parse(JSON.parse(text)).widgets
}
