import { describe, expect, test } from 'vitest'
import { mixText, readMix, USUAL_MIX, without } from './mix.ts'

test('a mix is what was typed, in that order', () => {
  const mix = readMix('spend=60,topup=20, transfer=20')

  expect(Array.from(mix)).toEqual([
    ['spend', 60],
    ['topup', 20],
    ['transfer', 20],
  ])
})

test('what has no share is not in it', () => {
  expect(mixText(readMix('spend=1,topup=0'))).toBe('spend=1')
})

test('the usual one can be typed, and raises no flags', () => {
  expect(readMix(mixText(USUAL_MIX))).toEqual(USUAL_MIX)
  expect(USUAL_MIX.has('withdraw')).toBe(false)
})

test('what the caller may not do is taken out', () => {
  expect(mixText(without(readMix('spend=3,reverse=2'), new Set(['reverse'])))).toBe('spend=3')
})

describe('it is said what is wrong with', () => {
  test.each([
    ['steal=1', '--mix: "steal" is nothing to do. Choose of spend, topup, '],
    ['toString=1', '--mix: "toString" is nothing to do.'],
    ['', '--mix: "" is nothing to do.'],
    ['spend', '--mix: "spend" is no share, such as spend=20.'],
    ['spend=-1', '--mix: "spend=-1" is no share'],
    ['spend=0.5', '--mix: "spend=0.5" is no share'],
    ['spend=1=2', '--mix: "spend=1=2" is no share'],
    ['spend=1,spend=2', '--mix: spend is there twice.'],
    ['spend=0', '--mix: nothing is left to do.'],
  ])('"%s"', (text, says) => {
    expect(() => readMix(text)).toThrow(says)
  })
})
