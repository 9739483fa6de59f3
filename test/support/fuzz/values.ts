import fc from 'fast-check'
import { child, children, type Place } from '../openapi.ts'
import type { World } from './world.ts'

/** Values that fit a schema of the document, and values that nearly do. */

const FEW = 5
const MAX = Number.MAX_SAFE_INTEGER

/** What a schema with this name stands for here, where a random text would be nobody's. */
function known(pointer: string, world: World): fc.Arbitrary<unknown> | undefined {
  const name = /^\/components\/schemas\/(\w+)$/.exec(pointer)?.[1]
  switch (name) {
    case 'WalletId':
      return mostly(
        fc.constantFrom(...world.wallets),
        fc.constantFrom(...world.icyWallets, 'newcomer'),
      )
    case 'Account':
      return mostly(fc.constantFrom(...world.wallets), fc.constantFrom('@treasury', '@season-7'))
    case 'AssetCode':
      return fc.constantFrom(...world.assets)
    case 'TransactionId':
      return fc.constantFrom(...world.transactions)
    case 'HoldId':
      return fc.constantFrom(...world.holds.map(({ holdId }) => holdId))
    case 'FlagId':
      return fc.constantFrom(...world.flags)
    case 'DeadLetterId':
      return fc.constantFrom(...world.deadLetters)
    case 'Amount':
      return fc.oneof(
        { weight: 97, arbitrary: fc.integer({ min: 1, max: 100 }) },
        fc.integer({ min: 1, max: MAX }),
      )
    default:
      return undefined
  }
}

function mostly<T>(often: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: often }, { weight: 1, arbitrary: seldom })
}

/** What the document allows. */
export function fitting(schema: Place, world: World): fc.Arbitrary<unknown> {
  const { const: only, enum: choices, anyOf, type } = schema.value
  if (anyOf) {
    const alternatives = Array.from(children(child(schema, 'anyOf')).values())
    return fc.oneof(...alternatives.map((place) => fitting(place, world)))
  }
  if (only !== undefined) return fc.constant(only)
  if (Array.isArray(choices)) return fc.constantFrom(...choices)
  return known(schema.pointer, world) ?? ofType(String(type), schema, world)
}

function ofType(type: string, schema: Place, world: World): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema, world)
    case 'array': {
      const { minItems, maxItems } = schema.value
      const least = numberOr(minItems, 0)
      return fc.array(fitting(itemsOf(schema), world), {
        minLength: least,
        maxLength: Math.max(least, Math.min(FEW, numberOr(maxItems, FEW))),
      })
    }
    case 'integer': {
      const { minimum, maximum } = schema.value
      return fc.integer({ min: numberOr(minimum, -MAX), max: numberOr(maximum, MAX) })
    }
    case 'boolean':
      return fc.boolean()
    case 'string':
      return textOf(schema)
    default:
      throw new Error(`${schema.pointer} has a type that is not known here: ${type}`)
  }
}

function textOf({ value: { pattern, format, minLength, maxLength } }: Place): fc.Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  if (format === 'date-time' || format === 'date') {
    const years = { min: new Date('1980-01-01'), max: new Date('2080-01-01'), noInvalidDate: true }
    const length = format === 'date' ? 'YYYY-MM-DD'.length : undefined
    return fc.date(years).map((date) => date.toISOString().slice(0, length))
  }
  return fc.string({
    unit: 'grapheme',
    minLength: numberOr(minLength, 0),
    maxLength: Math.min(20, numberOr(maxLength, 20)),
  })
}

function objectOf(schema: Place, world: World): fc.Arbitrary<unknown> {
  const fields = children(child(schema, 'properties'))
  const others = child(schema, 'additionalProperties')
  if (fields.size === 0 && others) {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
    return fc.dictionary(name, fitting(others, world), { maxKeys: FEW })
  }
  return fc.record(
    Object.fromEntries(Array.from(fields, ([name, place]) => [name, fitting(place, world)])),
    { requiredKeys: requiredOf(schema), noNullPrototype: true },
  )
}

/** One step away from fitting: what is off by one, of another type, missing, or too much. Some still fit. */
export function nearlyFitting(schema: Place, world: World): fc.Arbitrary<unknown> {
  const { anyOf, type, enum: choices } = schema.value
  if (anyOf) return nearlyText(schema)
  if (Array.isArray(choices)) {
    return fc.constantFrom(...choices).map((choice) => `${choice}`.toLowerCase())
  }
  switch (type) {
    case 'object':
      return nearlyObject(schema, world)
    case 'array':
      return nearlyArray(schema, world)
    case 'integer':
      return nearlyInteger(schema)
    case 'boolean':
      return fc.constantFrom('true', 'false', 0, 1, null, [])
    default:
      return nearlyText(schema)
  }
}

function nearlyInteger({ value: { minimum, maximum } }: Place): fc.Arbitrary<unknown> {
  const [least, most] = [numberOr(minimum, 0), numberOr(maximum, MAX)]
  return fc.constantFrom(
    ...[least - 1, least, most, most + 1, -least, least + 0.5, 0, -1, 1e21, 2 ** 53],
    ...[String(least), `${least}`.padStart(3, '0'), true, null, [least], { value: least }, ''],
  )
}

const NO_TEXTS = [0, 1, true, null, [], {}, ['alice']]

/** Near to something that is meant here, and not it: ids, codes, dates. */
const NEAR_TEXTS =
  'alice# ALICE @treasury @ gold_coins G txn_0 hold_0 2026-13-01 2026-02-30 now null 0'.split(' ')

function nearlyText({ value: { maxLength, minLength } }: Place): fc.Arbitrary<unknown> {
  const most = numberOr(maxLength, 64)
  const least = numberOr(minLength, 1)
  const lengths = [least - 1, most, most + 1].map((length) => 'x'.repeat(Math.max(0, length)))
  return fc.constantFrom(
    ...lengths,
    'é'.repeat(most),
    '💰'.repeat(most),
    ...[' ', 'alice ', ' alice', `txn_${'z'.repeat(26)}`, `hold_${'0'.repeat(27)}`],
    ...NEAR_TEXTS,
    ...NO_TEXTS,
  )
}

function nearlyArray(schema: Place, world: World): fc.Arbitrary<unknown> {
  const item = itemsOf(schema)
  const most = numberOr(schema.value['maxItems'], FEW)
  const manyOf = (count: number) =>
    fc.array(fitting(item, world), { minLength: count, maxLength: count })
  return fc.oneof(
    fc.constant([]),
    fc.constantFrom(null, {}, 'list', 1),
    manyOf(most),
    manyOf(most + 1),
    nearlyFitting(item, world).map((spoilt) => [spoilt]),
    fc.tuple(fitting(item, world), nearlyFitting(item, world)),
  )
}

function nearlyObject(schema: Place, world: World): fc.Arbitrary<unknown> {
  const fields = Array.from(children(child(schema, 'properties')))
  const whole = objectOf(schema, world)
  const changed = fields.map(([name, place]) =>
    fc
      .tuple(whole, nearlyFitting(place, world))
      .map(([value, spoilt]) => ({ ...Object(value), [name]: spoilt })),
  )
  const without = fields.map(([name]) =>
    whole.map((value) =>
      Object.fromEntries(Object.entries(Object(value)).filter(([key]) => key !== name)),
    ),
  )
  const unknown = ['extra', 'Amount', 'amount ', 'walletId', 'constructor', 'id']
  const more = fc
    .tuple(whole, fc.constantFrom(...unknown))
    .map(([value, name]) => ({ ...Object(value), [name]: 1 }))
  const isFree = 'additionalProperties' in schema.value && fields.length === 0
  const crowded = (count: number) =>
    fc.constant(
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`name-${index}`, 'v'])),
    )
  return fc.oneof(
    ...(isFree ? [crowded(16), crowded(17), fc.constant({ '': 'v' }), fc.constant({ a: 1 })] : []),
    ...changed,
    ...without,
    more,
    fc.constantFrom(null, [], '{}', 1),
  )
}

function itemsOf(schema: Place): Place {
  const items = child(schema, 'items')
  if (!items) throw new Error(`${schema.pointer} does not say what is in it`)
  return items
}

function requiredOf({ value: { required } }: Place): string[] {
  return Array.isArray(required) ? required : []
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}
