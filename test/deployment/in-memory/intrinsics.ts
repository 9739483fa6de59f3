import * as z from 'zod'
import { specificationOf } from './specification.ts'

/** What a template says where a value will be, and who has to be asked for it. */
export interface Surroundings {
  readonly parameters: Readonly<Record<string, { readonly Default?: unknown }>>
  /** Makes a resource, unless it is there. */
  readonly make: (id: string, from: readonly string[]) => Made
  readonly imported: (name: unknown) => unknown
}

export interface Made {
  readonly id: string
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** The value, and the resources that are waiting for it. */
export type Resolve = (value: unknown, from: readonly string[]) => unknown

const PSEUDO_PARAMETERS: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': '000000000000',
  'AWS::NoValue': undefined,
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackName': 'a-stack',
  'AWS::URLSuffix': 'amazonaws.com',
}

const getAtt = z.union([
  z.tuple([z.string(), z.string()]),
  z.string().transform((text): [string, string] => {
    const [id = '', ...attribute] = text.split('.')
    return [id, attribute.join('.')]
  }),
])
const join = z.tuple([z.string(), z.array(z.unknown())])
const select = z.tuple([z.coerce.number(), z.unknown()])
const split = z.tuple([z.string(), z.unknown()])
const sub = z.union([
  z.string().transform((text): [string, Record<string, unknown>] => [text, {}]),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]),
])

/** Throws where CloudFormation would fail, and where it can do more than is known here. */
export function createResolver({ parameters, make, imported }: Surroundings): Resolve {
  const refer: Resolve = (name, from) => {
    const id = z.string().parse(name)
    if (id in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[id]
    const parameter = parameters[id]
    if (parameter) return parameter.Default
    return inventValue(make(id, from), 'Ref')
  }
  const attribute = ([id, name]: [string, string], from: readonly string[]) => {
    const one = make(id, from)
    if (!(name in specificationOf(one.type).attributes)) {
      throw new Error(`${one.type} has no attribute ${name}`)
    }
    return inventValue(one, name)
  }
  const functions: Readonly<Record<string, Resolve>> = {
    Ref: refer,
    'Fn::GetAtt': (args, from) => attribute(getAtt.parse(args), from),
    'Fn::ImportValue': (name, from) => imported(resolve(name, from)),
    'Fn::Join': (args, from) => {
      const [separator, parts] = join.parse(args)
      return parts.map((part) => resolve(part, from)).join(separator)
    },
    'Fn::Select': (args, from) => {
      const [index, list] = select.parse(args)
      const found = z.array(z.unknown()).parse(resolve(list, from))[index]
      if (found === undefined) throw new Error(`there is no part ${index}`)
      return found
    },
    'Fn::Split': (args, from) => {
      const [separator, text] = split.parse(args)
      return String(resolve(text, from)).split(separator)
    },
    'Fn::Sub': (args, from) => {
      const [text, values] = sub.parse(args)
      return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
        if (name in values) return String(resolve(values[name], from))
        return String(name.includes('.') ? attribute(getAtt.parse(name), from) : refer(name, from))
      })
    },
  }

  const resolve: Resolve = (value, from) => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, from))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [name, args] = entries[0] ?? ['', undefined]
    if (entries.length === 1 && /^(?:Ref|Fn::\w+)$/.test(name)) {
      const call = functions[name]
      if (!call) throw new Error(`${name} is not known here`)
      return call(args, from)
    }
    return resolveAll(Object.fromEntries(entries), (item) => resolve(item, from))
  }
  return resolve
}

/** What resolves to nothing is not there. */
export function resolveAll(
  properties: Readonly<Record<string, unknown>>,
  resolve: (value: unknown) => unknown,
): Record<string, unknown> {
  const resolved = Object.entries(properties).map(([name, value]) => [name, resolve(value)])
  return Object.fromEntries(resolved.filter(([, value]) => value !== undefined))
}

/** With the resource's id in it, so that two are never the same, and with as many parts as the ARN of an alias has. */
function inventValue({ id, type, properties }: Made, name: string): string {
  const { cfnRefIdentifier, primaryIdentifier = [] } = specificationOf(type)
  const [identifier = ''] = cfnRefIdentifier ?? primaryIdentifier
  const isArn = /arn$/i.test(name === 'Ref' ? identifier : name)
  if (!isArn) return `${id}-${name}`
  const service = type.split('::')[1]?.toLowerCase()
  return `arn:aws:${service}:us-east-1:000000000000:${name}:${id}:${String(properties['Name'] ?? '')}`
}
