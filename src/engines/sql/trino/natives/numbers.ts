/** Numbers: text forms of doubles as Java prints them, exact decimals, bits, bases, and statistics' distributions. */
import { invalidArgument, type Native, NativeError, native } from './native.ts'

/** As CAST(double AS VARCHAR) prints: one digit, a point, an exponent: `1.5E0`. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0E0' : '0.0E0'
  // The least double has one digit; Java prints two.
  if (Math.abs(value) === Number.MIN_VALUE) return value < 0 ? '-4.9E-324' : '4.9E-324'
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

/** The fewest digits that still name this 32-bit float. */
export function realText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value)
  for (let digits = 1; digits <= 9; digits++) {
    const shortest = Number(value.toPrecision(digits))
    if (Math.fround(shortest) === value) return doubleText(shortest)
  }
  return doubleText(value)
}

/** As Java's Double.toString: plain between 10^-3 and 10^7, else with an exponent. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value) || value === 0)
    return Number.isNaN(value)
      ? 'NaN'
      : value === 0
        ? Object.is(value, -0)
          ? '-0.0'
          : '0.0'
        : value > 0
          ? 'Infinity'
          : '-Infinity'
  const size = Math.abs(value)
  if (size < 1e-3 || size >= 1e7) return doubleText(value)
  const plain = String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}

interface Decimal {
  unscaled: bigint
  scale: number
}

export function parseDecimal(text: string): Decimal {
  const [whole = '0', fraction = ''] = text.split('.')
  return { unscaled: BigInt(whole + fraction), scale: fraction.length }
}

export function decimalText({ unscaled, scale }: Decimal): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return unscaled < 0n ? `-${text}` : text
}

/** Half away from zero. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  const quotient = (x * 2n + y) / (y * 2n)
  return negative ? -quotient : quotient
}

function checked(unscaled: bigint): bigint {
  if (unscaled >= 10n ** 38n || unscaled <= -(10n ** 38n))
    throw new NativeError('NUMERIC_VALUE_OUT_OF_RANGE', 'Decimal overflow')
  return unscaled
}

function decimalDivide(left: string, right: string, scale: number): string {
  const [a, b] = [parseDecimal(left), parseDecimal(right)]
  const shift = scale + b.scale - a.scale
  const [top, bottom] =
    shift >= 0 ? [a.unscaled * 10n ** BigInt(shift), b.unscaled] : [a.unscaled, b.unscaled * 10n ** BigInt(-shift)]
  return decimalText({ unscaled: checked(divideRounded(top, bottom)), scale })
}

/** To `digits` after the point (before it, if negative), the scale staying what it was. */
function roundDecimal(text: string, digits: number, truncates = false): string {
  const { unscaled, scale } = parseDecimal(text)
  if (digits >= scale) return text
  const unit = 10n ** BigInt(scale - digits)
  const rounded = truncates ? (unscaled / unit) * unit : divideRounded(unscaled, unit) * unit
  return decimalText({ unscaled: rounded, scale })
}

/** As Trino's round does it: scaled, rounded half up, scaled back, with what that costs in the last digit. */
function roundDouble(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value
  const factor = 10 ** digits
  if (!Number.isFinite(value * factor)) return value
  return (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor
}

function plainDecimal(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const { unscaled, scale } = parseDecimal(mantissa)
  const shift = Number(exponent) - scale
  return shift >= 0 ? { unscaled: unscaled * 10n ** BigInt(shift), scale: 0 } : { unscaled, scale: -shift }
}

function doubleToDecimalText(value: number, scale: number): string | null {
  if (!Number.isFinite(value)) return null
  const exact = plainDecimal(value)
  if (exact.scale <= scale) return decimalText(exact)
  return decimalText({ unscaled: divideRounded(exact.unscaled, 10n ** BigInt(exact.scale - scale)), scale })
}

const mask = (bits: number) => (1n << BigInt(bits)) - 1n

/** Java shifts 64 bits, whatever the type, and by the last six bits of the amount: by -1 is by 63. */
function shift(value: bigint, amount: bigint, bits: number, how: 'left' | 'right' | 'signed'): bigint {
  const isBeyond = amount >= BigInt(bits)
  const places = BigInt.asUintN(6, amount)
  if (how === 'signed') return isBeyond ? (value < 0n ? -1n : 0n) : value >> places
  if (isBeyond) return 0n
  const unsigned = value & mask(bits)
  return BigInt.asIntN(bits, how === 'left' ? unsigned << places : unsigned >> places)
}

function bitCount(value: bigint, bits: bigint): bigint {
  if (bits < 2n || bits > 64n)
    throw invalidArgument(`Bits specified in bit_count must be between 2 and 64, got ${bits}`)
  const least = -(1n << (bits - 1n))
  if (value < least || value > -least - 1n)
    throw invalidArgument(
      `Number must be representable with the bits specified. ${value} cannot be represented with ${bits} bits`,
    )
  let rest = value & mask(Number(bits))
  let count = 0n
  for (; rest > 0n; rest &= rest - 1n) count++
  return count
}

function checkRadix(radix: bigint): void {
  if (radix < 2n || radix > 36n) throw invalidArgument('Radix must be between 2 and 36')
}

function fromBase(text: string, radix: bigint): bigint {
  checkRadix(radix)
  const digits = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, Number(radix))
  const match = new RegExp(`^[+-]?[${digits}]+$`, 'i').exec(text)
  let value = 0n
  for (const char of text.toLowerCase().replace(/^[+-]/, '')) value = value * radix + BigInt(digits.indexOf(char))
  const signed = text.startsWith('-') ? -value : value
  if (!match || signed !== BigInt.asIntN(64, signed)) throw invalidArgument(`Not a valid base-${radix} number: ${text}`)
  return signed
}

function widthBucket(value: number, low: number, high: number, buckets: bigint): bigint {
  if (buckets <= 0n) throw invalidArgument('bucketCount must be greater than 0')
  if (Number.isNaN(value)) throw invalidArgument('operand must not be NaN')
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw invalidArgument(`${Number.isFinite(low) ? 'second' : 'first'} bound must be finite`)
  if (low === high) throw invalidArgument('bounds cannot equal each other')
  const [least, most] = [Math.min(low, high), Math.max(low, high)]
  const place =
    value < least
      ? 0n
      : value >= most
        ? buckets + 1n
        : BigInt(Math.floor((Number(buckets) * (value - least)) / (most - least))) + 1n
  return low > high ? buckets - place + 1n : place
}

function widthBucketOf(value: number, bins: (number | null)[]): bigint {
  if (bins.length === 0) throw invalidArgument('Bins cannot be an empty array')
  if (Number.isNaN(value)) throw invalidArgument('Operand cannot be NaN')
  for (const [i, bin] of bins.entries()) {
    if (i > 0 && (bin as number) <= (bins[i - 1] as number))
      throw invalidArgument('Bin values are not sorted in ascending order')
  }
  return BigInt(bins.filter((bin) => (bin as number) <= value).length)
}

function cosine(a: (number | null)[], b: (number | null)[]): number | null {
  if (a.length !== b.length) throw invalidArgument('Both array arguments must have the same length')
  if (a.includes(null) || b.includes(null)) return null
  const dot = (x: (number | null)[], y: (number | null)[]) =>
    x.reduce((sum: number, value, i) => sum + (value as number) * (y[i] as number), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

function cosineOfMaps(
  aKeys: (string | null)[],
  aValues: (number | null)[],
  bKeys: (string | null)[],
  bValues: (number | null)[],
): number | null {
  if (aValues.includes(null) || bValues.includes(null) || aKeys.length === 0 || bKeys.length === 0) return null
  const norm = (values: (number | null)[]) =>
    Math.sqrt(values.reduce((sum: number, value) => sum + (value as number) ** 2, 0))
  const dot = aKeys.reduce(
    (sum: number, key, i) => sum + (aValues[i] as number) * ((bValues[bKeys.indexOf(key)] ?? 0) as number),
    0,
  )
  return dot / (norm(aValues) * norm(bValues))
}

function dotProduct(a: (number | null)[], b: (number | null)[]): number | null {
  if (a.length !== b.length) throw invalidArgument('The arguments must have the same length')
  return a.includes(null) || b.includes(null)
    ? null
    : a.reduce((sum: number, value, i) => sum + (value as number) * (b[i] as number), 0)
}

function intervalDayText(millis: bigint): string {
  const size = millis < 0n ? -millis : millis
  const two = (value: bigint, width = 2) => value.toString().padStart(width, '0')
  return `${millis < 0n ? '-' : ''}${size / 86_400_000n} ${two((size / 3_600_000n) % 24n)}:${two((size / 60_000n) % 60n)}:${two((size / 1000n) % 60n)}.${two(size % 1000n, 3)}`
}

function intervalYearText(months: number): string {
  const size = Math.abs(months)
  return `${months < 0 ? '-' : ''}${Math.floor(size / 12)}-${size % 12}`
}

/** All choices of n out of 1..count, in order. */
function choices(count: bigint, n: bigint): bigint[][] {
  if (n < 0n) throw invalidArgument(`combination size must not be negative: ${n}`)
  if (n > 5n) throw invalidArgument(`combination size must not exceed 5: ${n}`)
  const found: bigint[][] = []
  const grow = (from: bigint, taken: bigint[]) => {
    if (taken.length === Number(n)) found.push(taken)
    else for (let next = from; next <= count; next++) grow(next + 1n, [...taken, next])
  }
  grow(1n, [])
  if (found.length > 100_000) throw invalidArgument('combinations exceed max size of 100000')
  return found
}

export const numberNatives: readonly Native[] = [
  native('double_text', ['DOUBLE'], 'VARCHAR', doubleText),
  native('double_plain', ['DOUBLE'], 'VARCHAR', javaDouble),
  native('real_text', ['DOUBLE'], 'VARCHAR', (value) => realText(Math.fround(value))),
  native('decimal_divide', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'VARCHAR', decimalDivide),
  native('round_decimal', ['VARCHAR', 'INTEGER'], 'VARCHAR', (text, digits) => roundDecimal(text, digits)),
  native('truncate_decimal', ['VARCHAR', 'INTEGER'], 'VARCHAR', (text, digits) => roundDecimal(text, digits, true)),
  native('round_double', ['DOUBLE', 'INTEGER'], 'DOUBLE', roundDouble),
  native('round_integer', ['BIGINT', 'INTEGER'], 'BIGINT', (value, digits) =>
    digits >= 0 ? value : divideRounded(value, 10n ** BigInt(-digits)) * 10n ** BigInt(-digits),
  ),
  native('double_to_decimal_text', ['DOUBLE', 'INTEGER'], 'VARCHAR', doubleToDecimalText),
  native('log', ['DOUBLE', 'DOUBLE'], 'DOUBLE', (base, value) => Math.log(value) / Math.log(base)),
  native('left_shift', ['BIGINT', 'BIGINT', 'INTEGER'], 'BIGINT', (value, amount, bits) =>
    shift(value, amount, bits, 'left'),
  ),
  native('right_shift', ['BIGINT', 'BIGINT', 'INTEGER'], 'BIGINT', (value, amount, bits) =>
    shift(value, amount, bits, 'right'),
  ),
  native('right_shift_signed', ['BIGINT', 'BIGINT', 'INTEGER'], 'BIGINT', (value, amount, bits) =>
    shift(value, amount, bits, 'signed'),
  ),
  native('bit_count', ['BIGINT', 'BIGINT'], 'BIGINT', bitCount),
  native('to_base', ['BIGINT', 'BIGINT'], 'VARCHAR', (value, radix) => {
    checkRadix(radix)
    return value.toString(Number(radix))
  }),
  native('from_base', ['VARCHAR', 'BIGINT'], 'BIGINT', fromBase),
  native('width_bucket', ['DOUBLE', 'DOUBLE', 'DOUBLE', 'BIGINT'], 'BIGINT', widthBucket),
  native('width_bucket_of', ['DOUBLE', 'DOUBLE[]'], 'BIGINT', widthBucketOf),
  native('cosine', ['DOUBLE[]', 'DOUBLE[]'], 'DOUBLE', cosine),
  native('cosine_of_maps', ['VARCHAR[]', 'DOUBLE[]', 'VARCHAR[]', 'DOUBLE[]'], 'DOUBLE', cosineOfMaps),
  native('dot_product', ['DOUBLE[]', 'DOUBLE[]'], 'DOUBLE', dotProduct),
  native('interval_day_text', ['BIGINT'], 'VARCHAR', intervalDayText),
  native('interval_year_text', ['INTEGER'], 'VARCHAR', intervalYearText),
  native('choices', ['BIGINT', 'BIGINT'], 'BIGINT[][]', choices),
]
