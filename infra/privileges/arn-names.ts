import * as z from 'zod'
import type { Templates } from './rights.ts'
import type { CloudFormationTemplate } from './template.ts'

const imported = z.object({ 'Fn::ImportValue': z.string() })
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
const reference = z.object({ Ref: z.string() })
const joined = z.object({
  'Fn::Join': z.tuple([z.literal(''), z.tuple([z.unknown(), z.string()])]),
})

/** The CDK puts this at the end of every logical id. */
const HASH = /[0-9A-F]{8}$/

/** What an ARN in a policy stands for, in words: by what the templates say about it, and by nothing else. */
export function nameOf(arn: unknown, { data, service }: Templates): string {
  if (arn === '*') return 'anything'
  const parts = joined.safeParse(arn)
  if (parts.success) {
    const [whole, path] = parts.data['Fn::Join'][1]
    return `${partOf(path)}${nameOf(whole, { data, service })}`
  }
  const from = imported.safeParse(arn)
  if (from.success) return nameOfExport(from.data['Fn::ImportValue'], data)
  return nameIn(service, arn)
}

function partOf(path: string): string {
  const index = path.match(/^\/index\/(\w+)$/)?.[1]
  if (index !== undefined) return `index ${index} of `
  if (path === '/*') return 'objects in '
  if (path === ':*') return 'versions of '
  throw new Error(`there is no word for ${path}`)
}

function nameOfExport(name: string, data: CloudFormationTemplate): string {
  const output = Object.values(data.Outputs ?? {}).find(({ Export }) => Export?.Name === name)
  if (!output) throw new Error(`nothing is exported as ${name}`)
  return nameIn(data, output.Value)
}

function nameIn({ Resources }: CloudFormationTemplate, value: unknown): string {
  const [id, what] = attributeOf(value)
  if (!Resources[id]) throw new Error(`there is no resource ${id}`)
  const name = id.replace(HASH, '')
  return what === 'StreamArn' ? `stream of ${name}` : name
}

function attributeOf(value: unknown): readonly [id: string, attribute: string] {
  const got = attribute.safeParse(value)
  if (got.success) return got.data['Fn::GetAtt']
  return [reference.parse(value).Ref, 'Ref']
}
