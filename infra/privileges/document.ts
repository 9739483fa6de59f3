import { managedPoliciesIn, type Right, rightsIn, type Templates } from './rights.ts'

const TABLES = ['Ledger', 'Audit']

const PREFACE = `# Who may do what

Made from what is deployed (\`npm run privileges\` writes it, a test compares it): every right that any role of
Strongbox has, with everything switched on, in prod. What is not here, no role of Strongbox may; what the people may who
administrate the account, it cannot say. A right on a table is none on its indexes or its stream. *Inside a transaction*
means \`dynamodb:EnclosingOperation\`: a \`PutItem\` that comes by itself is refused. *Partitions* are those that
\`dynamodb:LeadingKeys\` allows; \`*\` stands for any text.

No function may delete from the ledger, scan it, or change a table, and what watches over the ledger may not write it.

Where rights end, and only the code stands:

- A transaction may be of a single item, and IAM does not look at what is written. That every change of a balance comes
  with its entry and its record, the writing functions see to; that it was so, the audit finds out, which may write none.
- \`admin\` and \`freeze\` may update items of wallets, and leave amounts alone by their code.
- Who may read the API keys can sign as any server: \`write\`, \`read\`, \`admin\` and \`ops\` all verify, so all may.
- The canary's key may credit any wallet, and not only its own.
`

/** docs/privileges.md */
export function privilegesDocument(templates: Templates): string {
  const rights = rightsIn(templates)
  const onTable = (table: string) => rights.filter((right) => isOn(table, right))
  const others = rights.filter((right) => !TABLES.some((table) => isOn(table, right)))
  return [
    PREFACE,
    ...TABLES.map((table) => `## The table ${table}\n\n${tableOf(onTable(table))}\n`),
    `## Everything else\n\n${tableOf(others)}\n`,
    `## What AWS has written\n\n${managed(templates)}\n`,
  ].join('\n')
}

/** On the table itself, or on something of it. */
function isOn(table: string, { on }: Right): boolean {
  return on === table || on.endsWith(` of ${table}`)
}

/** What somebody may do to one thing, under one condition, in one row. */
function tableOf(rights: readonly Right[]): string {
  const rows = Map.groupBy(rights, ({ who, on, condition }) =>
    JSON.stringify([who, on, inWords(condition)]),
  )
  const lines = Array.from(rows, ([key, all]) => {
    const [who, on, only]: string[] = JSON.parse(key)
    const actions = Array.from(
      new Set(all.map(({ action }) => action)),
      (action) => `\`${action}\``,
    )
    return `| ${who} | ${inOrder(actions).join(', ')} | ${on} | ${only} |`
  })
  return ['| who | may | on | only |', '|---|---|---|---|', ...inOrder(lines)].join('\n')
}

function managed(templates: Templates): string {
  const lines = managedPoliciesIn(templates).map(({ who, policy }) => `| ${who} | \`${policy}\` |`)
  return ['| who | has the policy |', '|---|---|', ...inOrder(lines)].join('\n')
}

function inWords(condition: Right['condition']): string {
  return Object.entries(condition ?? {})
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => phrase(operator, key, value)),
    )
    .join(', ')
}

function phrase(operator: string, key: string, value: unknown): string {
  const values = [value].flat().map(String)
  switch (`${operator} ${key}`) {
    case 'ForAnyValue:StringEquals dynamodb:EnclosingOperation':
      return `inside a transaction (\`${values.join('`, `')}\`)`
    case 'ForAllValues:StringLike dynamodb:LeadingKeys':
      return `partitions \`${values.join('`, `')}\``
    default:
      throw new Error(`there are no words for ${operator} ${key}`)
  }
}

function inOrder(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => (a < b ? -1 : 1))
}
