import { expect, test } from 'vitest'
import { type FilterPattern, STREAM_MAPPING } from '../lib/audit/stream-mapping.ts'
import { createFilter } from './event-source-filter.ts'

/** A record of a balance, as a filter sees it. */
const RECORD = {
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: 'W#alice' }, sk: { S: 'B#GOLD' } },
    NewImage: {
      seq: { N: '7' },
      frozen: { BOOL: true },
      tags: { L: [{ S: 'vip' }, { S: 'beta' }] },
    },
    SizeBytes: 120,
  },
}

const fits = (...patterns: FilterPattern[]) => createFilter(patterns)(RECORD)
const inNewImage = (pattern: FilterPattern) => fits({ dynamodb: { NewImage: pattern } })

test.each<[string, boolean, FilterPattern]>([
  ['the value itself', true, { seq: { N: ['7'] } }],
  ['another value', false, { seq: { N: ['8'] } }],
  ['one of several values', true, { seq: { N: ['6', '7'] } }],
  ['a boolean', true, { frozen: { BOOL: [true] } }],
  ['the text of a boolean', false, { frozen: { BOOL: ['true'] } }],
  ['the start of a text', true, { seq: { N: [{ prefix: '' }] } }],
  ['another start', false, { seq: { N: [{ prefix: '8' }] } }],
  ['a value that is none of these', true, { seq: { N: [{ 'anything-but': ['8', '9'] }] } }],
  ['a value that is one of these', false, { seq: { N: [{ 'anything-but': ['7'] }] } }],
  ['no value, where another one is refused', false, { debt: { N: [{ 'anything-but': ['7'] }] } }],
  ['a value that is there', true, { seq: { N: [{ exists: true }] } }],
  ['a value that is missing', false, { debt: { N: [{ exists: true }] } }],
  ['the absence of a value', true, { debt: { N: [{ exists: false }] } }],
  ['the absence of one that is there', false, { seq: { N: [{ exists: false }] } }],
  ['an attribute without its type, which is no plain value', false, { seq: [{ exists: true }] }],
  ['an element of a list', true, { tags: { L: { S: ['beta'] } } }],
  ['no element of a list', false, { tags: { L: { S: ['alpha'] } } }],
  ['all fields', true, { seq: { N: ['7'] }, frozen: { BOOL: [true] } }],
  ['only one of the fields', false, { seq: { N: ['7'] }, frozen: { BOOL: [false] } }],
])('a pattern for %s: %s', (_, expected, pattern) => {
  expect(inNewImage(pattern)).toBe(expected)
})

test.each<[boolean, FilterPattern['numeric']]>([
  [true, [{ numeric: ['>', 100] }]],
  [true, [{ numeric: ['>', 0, '<=', 120] }]],
  [true, [{ numeric: ['=', 120] }]],
  [false, [{ numeric: ['>=', 121] }]],
  [false, [{ numeric: ['>', 0, '<', 120] }]],
  [true, [120]],
])('a range of numbers: %s for %j', (expected, rules = []) => {
  expect(fits({ dynamodb: { SizeBytes: rules } })).toBe(expected)
})

test('a number of the table is a text in its stream, and fits no range', () => {
  expect(inNewImage({ seq: { N: [{ numeric: ['=', 7] }] } })).toBe(false)
})

test('one of several patterns is enough, and with none everything passes', () => {
  expect(fits({ eventName: ['INSERT'] }, { eventName: ['MODIFY'] })).toBe(true)
  expect(fits({ eventName: ['INSERT'] }, { eventName: ['REMOVE'] })).toBe(false)
  expect(fits()).toBe(true)
})

test('a rule that nobody knows is refused at once', () => {
  const pattern = JSON.parse(
    '{ "dynamodb": { "Keys": { "sk": { "S": [{ "wildcard": "B*" }] } } } }',
  )

  expect(() => createFilter([pattern])).toThrow('the filter rule for S')
})

test('the audit function hears of balances and of wallets, and of nothing else', () => {
  const isWanted = createFilter(STREAM_MAPPING.filters)
  const itemAt = (sk: string) => ({ dynamodb: { Keys: { pk: { S: 'W#alice' }, sk: { S: sk } } } })

  const heard = ['B#GOLD', 'P', 'E#GOLD#1', 'H#1', 'T', 'A'].filter((sk) => isWanted(itemAt(sk)))
  expect(heard).toEqual(['B#GOLD', 'P'])
})
