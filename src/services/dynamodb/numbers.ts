/**
 * DynamoDB's numbers: decimal, exact, up to 38 significant digits. They are kept in one canonical spelling, so that equal
 * numbers are equal strings; `orderedNumber` spells them so that the order of the strings is the order of the numbers.
 */
import { awsError } from '../../wire/errors.ts'

interface Decimal {
  /** Signed, without trailing zeros. */
  digits: bigint
  exponent: number
}

const spelling = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/
const plainInteger = /^(?:0|-?[1-9]\d{0,14})$/
/** Positive; what most keys are. */
const plainCount = /^[1-9]\d{0,14}$/
const significantMax = 38
/** The greatest power of ten of a number, and the least. */
const magnitudeMax = 125
const magnitudeMin = -130

export function canonicalNumber(text: string): string {
  return plainInteger.test(text) ? text : spelled(decimalOf(text))
}

export function compareNumbers(left: string, right: string): number {
  if (plainInteger.test(left) && plainInteger.test(right)) return Number(left) - Number(right)
  const [a, b] = [orderedNumber(left), orderedNumber(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

export function addNumbers(left: string, right: string, sign: 1 | -1): string {
  const [a, b] = [decimalOf(left), decimalOf(right)]
  const exponent = Math.min(a.exponent, b.exponent)
  const scaled = ({ digits, exponent: own }: Decimal) => digits * 10n ** BigInt(own - exponent)
  return spelled(checked(trimmed({ digits: scaled(a) + BigInt(sign) * scaled(b), exponent })))
}

/** Sign, power of ten, digits; of a negative number the complements, and a mark that puts the longer one first. */
export function orderedNumber(text: string): string {
  if (plainCount.test(text)) return `2${text.length + 200}${withoutZeros(text)}`
  const { digits, exponent } = decimalOf(text)
  if (digits === 0n) return '1'
  const significant = String(digits < 0n ? -digits : digits)
  const power = exponent + significant.length + 200
  if (digits > 0n) return `2${String(power).padStart(3, '0')}${significant}`
  const complement = significant.replace(/\d/g, (digit) => String(9 - Number(digit)))
  return `0${String(999 - power).padStart(3, '0')}${complement}~`
}

export function numberSize(text: string): number {
  const significant = text.replace(/^-?0*\.?0*|\./g, '').replace(/0+$/, '')
  return Math.ceil(significant.length / 2) + 1 + (text.startsWith('-') ? 1 : 0)
}

function withoutZeros(digits: string): string {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

function decimalOf(text: string): Decimal {
  const match = spelling.exec(text)
  const [, sign, whole = '', fraction = '', power = '0'] = match ?? []
  if (!match || whole + fraction === '') throw invalid(cannotConvert(text))
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  return checked(trimmed({ digits, exponent: Number(power) - fraction.length }))
}

function cannotConvert(text: string): string {
  const what = 'The parameter cannot be converted to a numeric value'
  return text === '' ? what : `${what}: ${text}`
}

function trimmed({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits, exponent: 0 }
  const text = String(digits)
  const kept = withoutZeros(text)
  return { digits: BigInt(kept), exponent: exponent + text.length - kept.length }
}

function checked(decimal: Decimal): Decimal {
  if (decimal.digits === 0n) return decimal
  const length = String(decimal.digits).replace('-', '').length
  if (length > significantMax) throw invalid('Attempting to store more than 38 significant digits in a Number')
  const magnitude = decimal.exponent + length - 1
  const beyond = (way: string, size: string) =>
    invalid(`Number ${way}. Attempting to store a number with magnitude ${size} than supported range`)
  if (magnitude > magnitudeMax) throw beyond('overflow', 'larger')
  if (magnitude < magnitudeMin) throw beyond('underflow', 'smaller')
  return decimal
}

function spelled({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? '-' : ''
  const text = String(digits).replace('-', '')
  if (exponent >= 0) return digits === 0n ? '0' : sign + text + '0'.repeat(exponent)
  const point = text.length + exponent
  if (point > 0) return `${sign}${text.slice(0, point)}.${text.slice(point)}`
  return `${sign}0.${'0'.repeat(-point)}${text}`
}

function invalid(message: string): Error {
  return awsError('ValidationException', message)
}
