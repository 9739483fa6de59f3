import type { Random } from '../../random.ts'
import type { Item, Value } from '../values.ts'

/** Few keys, so that commands meet; and values of every type, some of which DynamoDB does not take. */

export const PARTITIONS: readonly [string, ...string[]] = ['W#alice', 'W#bob', 'T#txn_1']
export const SORT_KEYS: readonly [string, ...string[]] = [
  'P',
  'B#GOLD',
  'B#GEMS',
  'E#GOLD#0000000000001#000000000001',
  'E#GOLD#0000000000002#000000000002',
  'E#GOLD#0000000000002#000000000003',
  'E#GEMS#0000000000001#000000000001',
  'é\u{1f4b0}',
  '\ufffd',
]

export const ATTRIBUTES: readonly [string, ...string[]] = [
  'available',
  'seq',
  'status',
  'last',
  'tags',
  'postings',
  'head',
  'kind',
  'at',
  'expiryShard',
  'expiresAt',
  'constructor',
]

/** As often as not what the code under test stores there. */
export function randomItem(random: Random): Item {
  const item: Record<string, Value> = { ...randomKey(random) }
  for (const name of ATTRIBUTES) {
    if (random.chance(0.45)) item[name] = valueFor(random, name)
  }
  return item
}

export function randomKey(random: Random): Record<string, Value> {
  const key: Record<string, Value> = {
    pk: { S: random.pick(PARTITIONS) },
    sk: { S: random.pick(SORT_KEYS) },
  }
  if (random.chance(0.98)) return key
  return random.pick<(key: Record<string, Value>) => Record<string, Value>>([
    ({ pk }) => ({ ...(pk && { pk }) }),
    ({ pk }) => ({ ...(pk && { pk }), sk: { S: '' } }),
    ({ sk }) => ({ pk: { N: '1' }, ...(sk && { sk }) }),
    ({ pk, sk }) => ({ ...(pk && { pk }), ...(sk && { sk }), more: { S: 'than the key' } }),
    ({ sk }) => ({ pk: { S: 'p'.repeat(2049) }, ...(sk && { sk }) }),
    ({ pk }) => ({ ...(pk && { pk }), sk: { S: 's'.repeat(1025) } }),
  ])(key)
}

export function valueFor(random: Random, name: string): Value {
  if (random.chance(0.04)) return randomValue(random)
  switch (name) {
    case 'available':
    case 'seq':
    case 'at':
    case 'expiresAt':
      return { N: String(random.below(6)) }
    case 'kind':
    case 'expiryShard':
      return { S: `X#${random.below(3)}` }
    case 'tags':
      return random.chance(0.5)
        ? { SS: some(random, ['a', 'b', 'c']) }
        : { NS: some(random, ['1', '2', '3']) }
    case 'postings':
      return { L: [{ S: 'a' }, { N: '1' }, { M: { amount: { N: '5' } } }].slice(random.below(3)) }
    case 'last':
      return { M: { txn: { S: 'txn_1' }, delta: { N: String(random.below(9)) } } }
    case 'head':
      return { B: Buffer.from([random.below(3), 255]) }
    default:
      return { S: random.pick(['OPEN', 'FROZEN', 'CLOSED']) }
  }
}

const NUMBERS: readonly [string, ...string[]] = [
  '0',
  '-0',
  '7',
  '-3',
  '1.50',
  '0.000001',
  '007',
  '1e3',
  '-1.5E-7',
  '9007199254740991',
  '99999999999999999999999999999999999999',
  '123456789012345678901234567890123456789',
  '0.12345678901234567890123456789012345678',
  '1e125',
  '-9.9e125',
  '1e126',
  '1e-130',
  '1e-131',
  'abc',
  '',
]

function randomNumber(random: Random): string {
  return random.chance(0.5) ? String(random.below(10)) : random.pick(NUMBERS)
}

export function randomValue(random: Random, depth = 0): Value {
  const scalar: readonly [() => Value, ...(() => Value)[]] = [
    () => ({ S: random.pick(['', 'a', 'B#', 'OPEN', 'é\u{1f4b0}', '\ufffd']) }),
    () => ({ N: randomNumber(random) }),
    () => ({ B: Buffer.from([random.below(256)]) }),
    () => ({ BOOL: random.chance(0.5) }),
    () => ({ NULL: true }),
    () => ({ SS: some(random, ['a', 'b', 'c']) }),
    () => ({ NS: some(random, ['1', '2', '3']) }),
    () => ({ BS: [Buffer.from([1]), Buffer.from([2])].slice(random.below(2)) }),
  ]
  if (depth > 1 || random.chance(0.8)) return random.pick(scalar)()
  return random.chance(0.5)
    ? { L: Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1)) }
    : { M: { amount: randomValue(random, depth + 1), txn: randomValue(random, depth + 1) } }
}

function some(random: Random, members: readonly [string, ...string[]]): string[] {
  const chosen = members.filter(() => random.chance(0.6))
  return chosen.length > 0 ? chosen : [members[0]]
}
