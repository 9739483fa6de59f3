import Big from 'big.js'
import { invalid } from './errors.ts'

/** DynamoDB's numbers: decimals of up to 38 digits, written in one way each. */

const MOST_DIGITS = 38
const LARGEST_EXPONENT = 125
const SMALLEST_EXPONENT = -130
/** Written as DynamoDB writes them, and exact as numbers of JavaScript, also when two of them are added. */
const SMALL = /^(?:0|-?[1-9]\d{0,14})$/

export function canonicalNumber(text: string): string {
  if (SMALL.test(text)) return text
  if (text === '') throw invalid('The parameter cannot be converted to a numeric value')
  return written(parsed(text))
}

export function addNumbers(a: string, b: string): string {
  if (SMALL.test(a) && SMALL.test(b)) return String(Number(a) + Number(b))
  return written(new Big(a).plus(b))
}

export function subtractNumbers(a: string, b: string): string {
  if (SMALL.test(a) && SMALL.test(b)) return String(Number(a) - Number(b))
  return written(new Big(a).minus(b))
}

/** Below zero where the first is the lesser. */
export function compareNumbers(a: string, b: string): number {
  if (SMALL.test(a) && SMALL.test(b)) return Number(a) - Number(b)
  return new Big(a).cmp(b)
}

/** Texts that sort as the numbers do: sign, exponent and digits, for a negative number all turned round. */
export function sortableNumber(text: string): string {
  const { s: sign, e: exponent, c: digits } = new Big(text)
  if (digits[0] === 0) return '1'
  const magnitude = `${String(exponent - SMALLEST_EXPONENT).padStart(3, '0')}${digits.join('')}`
  if (sign > 0) return `2${magnitude}`
  const turned = Array.from(magnitude, (digit) => 9 - Number(digit)).join('')
  // Of two, one longer by some digits, the longer is further from zero.
  return `0${turned}:`
}

function parsed(text: string): Big {
  try {
    return new Big(text)
  } catch {
    throw invalid(`The parameter cannot be converted to a numeric value: ${text}`)
  }
}

function written(number: Big): string {
  if (number.e > LARGEST_EXPONENT) {
    throw invalid(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    )
  }
  if (number.e < SMALLEST_EXPONENT) {
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    )
  }
  if (number.c.length > MOST_DIGITS) {
    throw invalid('Attempting to store more than 38 significant digits in a Number')
  }
  return number.c[0] === 0 ? '0' : number.toFixed()
}
