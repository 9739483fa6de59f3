import type { Random } from '../../random.ts'
import type { Value } from '../values.ts'
import { ATTRIBUTES, randomValue, valueFor } from './random-values.ts'

/** Names and values that the expressions of one request have made up so far. */
export class Placeholders {
  readonly names: Record<string, string> = {}
  readonly values: Record<string, Value> = {}

  name(name: string): string {
    const placeholder = `#${name}`
    this.names[placeholder] = name
    return placeholder
  }

  value(value: Value): string {
    const placeholder = `:v${Object.keys(this.values).length}`
    this.values[placeholder] = value
    return placeholder
  }

  /** What of it there is; DynamoDB takes none that are empty. */
  given() {
    return {
      ...(Object.keys(this.names).length > 0 && { ExpressionAttributeNames: this.names }),
      ...(Object.keys(this.values).length > 0 && { ExpressionAttributeValues: this.values }),
    }
  }
}

const BARE_NAMES = new Set(['available', 'seq', 'tags', 'postings', 'kind', 'expiresAt'])
const NESTED: readonly [string, ...string[]] = [
  '#last.txn',
  '#last.delta',
  'postings[0]',
  'postings[1]',
  'postings[2].amount',
  '#last.#missing',
  'tags[0]',
]

function randomPath(random: Random, placeholders: Placeholders): string {
  if (random.chance(0.15)) {
    const path = random.pick(NESTED)
    if (path.includes('#last')) placeholders.name('last')
    if (path.includes('#missing')) placeholders.name('missing')
    return path
  }
  const name = random.pick(ATTRIBUTES)
  if (BARE_NAMES.has(name) && random.chance(0.4)) return name
  // Some of them are reserved.
  return random.chance(0.01) ? name : placeholders.name(name)
}

export function randomCondition(random: Random, placeholders: Placeholders, depth = 0): string {
  if (depth < 2 && random.chance(0.35)) {
    const inner = () => randomCondition(random, placeholders, depth + 1)
    return random.pick<() => string>([
      () => `${inner()} AND ${inner()}`,
      () => `${inner()} OR ${inner()}`,
      () => `(${inner()} OR ${inner()}) AND ${inner()}`,
      () => `NOT ${simpleCondition(random, placeholders)}`,
      () => `NOT (${inner()} and ${inner()})`,
    ])()
  }
  return simpleCondition(random, placeholders)
}

function simpleCondition(random: Random, placeholders: Placeholders): string {
  const path = () => randomPath(random, placeholders)
  const value = (name = random.pick(ATTRIBUTES)) => placeholders.value(valueFor(random, name))
  const compared = () => {
    const name = random.pick(ATTRIBUTES)
    return [placeholders.name(name), value(name)] as const
  }
  return random.pick<() => string>([
    () => 'attribute_exists(pk)',
    () => 'attribute_not_exists(pk)',
    () => `attribute_exists(${path()})`,
    () => `attribute_not_exists(${path()})`,
    () => compared().join(` ${random.pick(['=', '<>', '<', '<=', '>', '>='])} `),
    () => compared().join(` ${random.pick(['=', '<>', '<', '<=', '>', '>='])} `),
    () => `${path()} ${random.pick(['=', '<>', '<', '>='])} ${path()}`,
    () => `${path()} BETWEEN ${value('seq')} AND ${value('seq')}`,
    () => `${path()} IN (${value()}, ${value()})`,
    () => `begins_with(${path()}, ${placeholders.value({ S: random.pick(['O', 'B#', '']) })})`,
    () => `begins_with(${path()}, ${value()})`,
    () => `contains(${path()}, ${value()})`,
    () => `contains(${path()}, ${placeholders.value({ S: random.pick(['a', 'OP']) })})`,
    () =>
      `attribute_type(${path()}, ${placeholders.value({ S: random.pick(['S', 'N', 'M', 'X']) })})`,
    () => `size(${path()}) ${random.pick(['=', '<', '>'])} ${placeholders.value({ N: '2' })}`,
  ])()
}

/** Mostly one that can be done, as the code under test makes them; now and then any. */
export function randomUpdate(random: Random, placeholders: Placeholders): string {
  return random.chance(0.7) ? soundUpdate(random, placeholders) : wildUpdate(random, placeholders)
}

function soundUpdate(random: Random, placeholders: Placeholders): string {
  const chosen = ATTRIBUTES.filter(() => random.chance(0.4))
  const first = random.pick(ATTRIBUTES)
  const parts = (chosen.length > 0 ? chosen : [first]).map((attribute) => {
    const name = placeholders.name(attribute)
    const value = () => placeholders.value(valueFor(random, attribute))
    const isNumber = ['available', 'seq'].includes(attribute)
    const choice = random.below(isNumber ? 6 : 4)
    switch (choice) {
      case 0:
        return { section: 'REMOVE', text: name }
      case 1:
        return { section: 'SET', text: `${name} = if_not_exists(${name}, ${value()})` }
      case 4:
        return { section: 'ADD', text: `${name} ${value()}` }
      case 5:
        return {
          section: 'SET',
          text: `${name} = if_not_exists(${name}, ${value()}) ${random.pick(['+', '-'])} ${value()}`,
        }
      default:
        return { section: 'SET', text: `${name} = ${value()}` }
    }
  })
  return ['SET', 'REMOVE', 'ADD']
    .map((section) => [section, parts.filter((part) => part.section === section)] as const)
    .filter(([, texts]) => texts.length > 0)
    .map(([section, texts]) => `${section} ${texts.map(({ text }) => text).join(', ')}`)
    .join(' ')
}

function wildUpdate(random: Random, placeholders: Placeholders): string {
  const path = () => randomPath(random, placeholders)
  const value = () => placeholders.value(valueFor(random, random.pick(ATTRIBUTES)))
  const fitting = () => {
    const name = random.pick(ATTRIBUTES)
    return { name: placeholders.name(name), value: placeholders.value(valueFor(random, name)) }
  }
  const number = () => placeholders.value({ N: random.pick(['1', '2.5', '-3', '1e37', '0.1']) })
  const set = () =>
    random.pick<() => string>([
      () => assigned(fitting()),
      () => assigned(fitting()),
      () => `${path()} = ${value()}`,
      () => `${path()} = ${path()}`,
      () => `${path()} = ${path()} + ${number()}`,
      () => `${path()} = ${number()} - ${path()}`,
      () => `${path()} = if_not_exists(${path()}, ${value()})`,
      () => `${path()} = if_not_exists(${path()}, ${number()}) + ${number()}`,
      () => `${path()} = list_append(${path()}, ${placeholders.value({ L: [{ S: 'z' }] })})`,
    ])()
  const sum = () => {
    const name = placeholders.name(random.pick(['available', 'seq', 'tags', 'missing']))
    const more = placeholders.value(
      random.pick<Value>([
        { N: '2' },
        { N: '-1' },
        { SS: ['a', 'd'] },
        { NS: ['1', '4'] },
        { S: 'a' },
      ]),
    )
    return `${name} ${more}`
  }
  const sections = [
    () => `SET ${several(random, set)}`,
    () => `REMOVE ${several(random, path)}`,
    () => `ADD ${several(random, sum)}`,
    () => `DELETE ${sum()}`,
  ].filter((_, place) => random.chance([0.8, 0.35, 0.25, 0.15][place] ?? 0))
  return sections.length > 0
    ? sections.map((section) => section()).join(' ')
    : `SET ${assigned(fitting())}`
}

function assigned({ name, value }: { name: string; value: string }): string {
  return `${name} = ${value}`
}

function several(random: Random, make: () => string): string {
  return Array.from({ length: 1 + random.below(3) }, make).join(', ')
}

export function randomProjection(random: Random, placeholders: Placeholders): string {
  return several(random, () =>
    random.chance(0.3) ? random.pick(['pk', 'sk']) : randomPath(random, placeholders),
  )
}

/** Something is wrong with it that the parser, or a look at the names, must find. */
export function spoiled(random: Random, expression: string, placeholders: Placeholders): string {
  return random.pick<() => string>([
    () => `${expression} AND`,
    () => `(${expression}`,
    () => `((${expression}))`,
    () => '',
    () => expression.replace('#', '#no_'),
    () => expression.replace(':v', ':no'),
    () => {
      placeholders.value(randomValue(random))
      return expression
    },
    () => {
      placeholders.name('nowhere')
      return expression
    },
    () => expression.replace('(', ' ('),
    () => expression.replace(/attribute_\w+/, 'attribute_is'),
    () => `${expression} AND status = :status`,
  ])()
}
