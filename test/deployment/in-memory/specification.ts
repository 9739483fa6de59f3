import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { Property, PropertyType, Resource } from '@aws-cdk/service-spec-types'

/** What CloudFormation itself says of its types: which properties each has and needs, and what each refers to. */
const SPECIFICATION = loadAwsServiceSpecSync()

type Properties = Readonly<Record<string, unknown>>

/** A place in a resource where another one belongs, and of which types that may be. */
export interface Relationship {
  readonly path: string
  readonly value: unknown
  readonly types: readonly string[]
}

export function specificationOf(type: string): Resource {
  const [found] = SPECIFICATION.lookup('resource', 'cloudFormationType', 'equals', type)
  if (!found) throw new Error(`CloudFormation has no ${type}`)
  return found
}

/** As CloudFormation takes them: numbers and truths may be written as text, and the other way round. */
const SCALARS: Readonly<Record<string, { name: string; takes: (value: unknown) => boolean }>> = {
  string: { name: 'text', takes: isScalar },
  number: { name: 'a number', takes: isNumber },
  integer: { name: 'a number', takes: isNumber },
  boolean: { name: 'true or false', takes: (value) => /^(?:true|false)$/.test(String(value)) },
}

/** What CloudFormation would refuse: one sentence each. */
export function problemsOf(type: string, properties: Properties): string[] {
  return problemsOfObject(type, properties, specificationOf(type).properties)
}

export function relationshipsOf(type: string, properties: Properties): Relationship[] {
  return relationshipsOfObject(type, properties, specificationOf(type).properties)
}

function problemsOfObject(
  path: string,
  properties: Properties,
  known: Readonly<Record<string, Property>>,
): string[] {
  const missing = Object.entries(known)
    .filter(([name, { required }]) => required && properties[name] === undefined)
    .map(([name]) => `${path} needs ${name}`)
  const others = Object.entries(properties).flatMap(([name, value]) => {
    const property = known[name]
    return property
      ? problemsOfValue(`${path}.${name}`, value, property.type)
      : [`${path} has no ${name}`]
  })
  return [...missing, ...others]
}

function problemsOfValue(path: string, value: unknown, type: PropertyType): string[] {
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) return [`${path} is a list`]
      return value.flatMap((item, index) =>
        problemsOfValue(`${path}[${index}]`, item, type.element),
      )
    case 'map':
      if (!isObject(value)) return [`${path} is a map`]
      return Object.entries(value).flatMap(([key, item]) =>
        problemsOfValue(`${path}.${key}`, item, type.element),
      )
    case 'ref':
      if (!isObject(value)) return [`${path} is an object`]
      return problemsOfObject(
        path,
        value,
        SPECIFICATION.get('typeDefinition', type.reference.$ref).properties,
      )
    case 'union': {
      const each = type.types.map((one) => problemsOfValue(path, value, one))
      return each.some((problems) => problems.length === 0) ? [] : (each[0] ?? [])
    }
    default: {
      const scalar = SCALARS[type.type]
      return !scalar || scalar.takes(value) ? [] : [`${path} is ${scalar.name}`]
    }
  }
}

function relationshipsOfObject(
  path: string,
  properties: Properties,
  known: Readonly<Record<string, Property>>,
): Relationship[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const property = known[name]
    if (!property) return []
    const types = (property.relationshipRefs ?? []).map((reference) => reference.cloudFormationType)
    const here = types.length > 0 ? [{ path: `${path}.${name}`, value, types }] : []
    return [...here, ...relationshipsOfValue(`${path}.${name}`, value, property.type)]
  })
}

function relationshipsOfValue(path: string, value: unknown, type: PropertyType): Relationship[] {
  if (type.type === 'array' && Array.isArray(value)) {
    return value.flatMap((item, index) =>
      relationshipsOfValue(`${path}[${index}]`, item, type.element),
    )
  }
  if (type.type === 'ref' && isObject(value)) {
    return relationshipsOfObject(
      path,
      value,
      SPECIFICATION.get('typeDefinition', type.reference.$ref).properties,
    )
  }
  return []
}

function isNumber(value: unknown): boolean {
  return isScalar(value) && Number.isFinite(Number(value))
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
