import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSettings, type Settings } from '../../infra/settings.ts'
import { DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { synthesise, WITH_ISSUER } from './synthesise.ts'

const ROOT = join(import.meta.dirname, '../..')
const GUIDE = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8')

/** The rows of the table with this heading, cell by cell. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = GUIDE.split(heading)
  const [table = ''] = /^\|(?:.*\n)+?(?!\|)/m.exec(section) ?? []
  const rows = table.trim().split('\n')
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

describe('the settings in the guide', () => {
  const rows = tableUnder('### Settings').map(([name = '', value, unset]) => ({
    name: name.replaceAll('`', ''),
    value,
    unset,
  }))

  test('are all there are, and no others', () => {
    const read = readSettings({ nothing: 'of the kind' })
    if (read.kind !== 'refused') throw new Error('that was a setting')

    const all = rows.map(({ name }) => name).join(', ')
    expect(read.sentences).toEqual([`There is no setting nothing. There are ${all}.`])
  })

  test.each(rows)('$name takes $value', ({ name, value }) => {
    const read = readSettings({ [name]: '' })

    if (read.kind !== 'refused') throw new Error('nothing is no value')
    expect(read.sentences).toEqual([`The setting ${name} must be ${value}, and is "".`])
  })

  test.each(rows)('$name is $unset, if it is not set', ({ name, unset = '' }) => {
    const [dev, prod] = [defaults('dev')[name], defaults('prod')[name]]

    const said = Array.from(unset.matchAll(/`([\w*]+)`/g), ([, word]) => word)
    const known = new Set([dev, prod].filter((value) => value !== undefined).map(String))
    expect(new Set(said)).toEqual(known)
  })
})

/** What a deployment of a stage goes by, if nothing is said about it: as far as that is one value. */
function defaults(stage: Settings['stage']): Readonly<Record<string, unknown>> {
  const read = readSettings({ stage })
  if (read.kind === 'refused') throw new Error(read.sentences.join('\n'))
  const { rapidWithdrawals, largeWithdrawal } = DEFAULT_THRESHOLDS
  const { stage: _, tokens, domain, corsOrigins, ...settings } = read.settings
  expect([tokens, domain, corsOrigins]).toEqual([undefined, undefined, []])
  return {
    ...settings,
    stage: 'dev',
    rapidWithdrawalsCount: rapidWithdrawals.count,
    rapidWithdrawalsWithinMs: rapidWithdrawals.withinMs,
    largeWithdrawalAmount: largeWithdrawal.amount,
  }
}

const DOMAIN = {
  domainName: 'wallet.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1234',
}
const ALL = { ...WITH_ISSUER, ...DOMAIN, webhooks: 'true' }

test.each([
  ['http', { ...ALL, canary: 'true', signedDomainName: 'signed.example.com' }],
  ['rest', { ...ALL, usagePlanRequestsPerDay: '1000' }],
])(
  'what a deployment with the edge %s prints is in the guide, and what it is for',
  (edge, given) => {
    const { data, service } = synthesise('prod', { ...given, edge })

    const printed = [data, service]
      .flatMap((template) => Object.keys(template.findOutputs('*')))
      // What one stack takes from the other, and what the CDK says of its own accord.
      .filter((name) => !/^ExportsOutput|ApiEndpoint/.test(name))
      .map((name) => (name.includes('DomainTarget') ? 'DomainTarget' : name))
    const said = tableUnder('## Deploy').flatMap(([names = '']) =>
      Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => name),
    )
    expect(printed.filter((name) => !said.includes(name))).toEqual([])
  },
)

describe('what the guide tells to type', () => {
  const commands = Array.from(
    GUIDE.replaceAll('\\\n', ' ').matchAll(/npm run ([\w:-]+)((?: [^`\n#;|]+)?)/g),
    ([, name = '', rest = '']) => ({ name, options: rest.match(/--[a-z][\w-]*/g) ?? [] }),
  )
  const names = Array.from(new Set(commands.map(({ name }) => name)))

  test.each(names)('npm run %s is there, and knows the options', (name) => {
    const script = new Map(Object.entries<string>(packageJson.scripts)).get(name)
    const used = commands.filter((command) => command.name === name)
    const options = new Set(used.flatMap((command) => command.options))

    expect(script, `there is no npm run ${name}`).toMatch(/^node /)
    const args = (script ?? '').split(' ').slice(1)
    const help = execFileSync(process.execPath, [...args, '--help'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(Array.from(options).filter((option) => !help.includes(option))).toEqual([])
  })
})

test('all links in the guide lead somewhere', () => {
  const links = Array.from(GUIDE.matchAll(/\]\(([^)#]+)[^)]*\)/g), ([, link = '']) => link)

  expect(links.filter((link) => !existsSync(join(ROOT, 'docs', link)))).toEqual([])
})
