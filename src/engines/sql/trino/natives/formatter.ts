/** Java's Formatter, as far as format() reaches: %s %d %f %e %x %b %c %t… %% with flags, width and precision. */
import { javaMoment, momentText } from './formatterTimes.ts'
import { invalidArgument } from './native.ts'
import { doubleText, javaDouble } from './numbers.ts'

const specifier = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([tT][a-zA-Z]|[a-zA-Z%])/g

/** Each argument travels as text beside its type's name. */
export function formatted(pattern: string, texts: (string | null)[], types: (string | null)[]): string {
  let [next, last] = [0, 0]
  if (/%(?![-#+ 0,(\d.$<]*[a-zA-Z%])/.test(pattern))
    throw invalidArgument(`Invalid format string: ${pattern} (UnknownFormatConversion: Conversion = '%')`)
  return pattern.replace(
    specifier,
    (
      whole,
      index: string | undefined,
      same: string | undefined,
      flags: string,
      width = '',
      precision = '',
      conversion: string,
    ) => {
      if (conversion === '%') return padded('%', { flags, width: Number(width || 0) })
      if (conversion === 'n') return '\n'
      const at = same ? last : index === undefined ? next++ : Number(index) - 1
      last = at
      if (at >= texts.length)
        throw invalidArgument(`Invalid format string: ${pattern} (MissingFormatArgument: Format specifier '${whole}')`)
      const value = { text: texts[at] ?? null, type: types[at] ?? '' }
      const shape = {
        flags,
        width: Number(width || 0),
        precision: precision === '' ? undefined : Number(precision),
        pattern,
      }
      return converted(conversion, value, shape)
    },
  )
}

interface Shape {
  flags: string
  width: number
  precision?: number | undefined
  pattern?: string
}

interface Value {
  text: string | null
  type: string
}

function converted(conversion: string, value: Value, shape: Shape): string {
  const lower = /^t/i.test(conversion) ? `t${conversion[1]}` : conversion.toLowerCase()
  const text = conversionText(lower, value, shape)
  const sized = padded(text, shape)
  return lower === conversion ? sized : sized.toUpperCase()
}

const integers = ['tinyint', 'smallint', 'integer', 'bigint']
const fractions = ['double', 'real', 'decimal']

function conversionText(conversion: string, { text, type }: Value, shape: Shape): string {
  if (conversion === 'b') return cut(text === null ? 'false' : type === 'boolean' ? text : 'true', shape.precision)
  if (text === null) return cut('null', shape.precision)
  if (conversion === 's')
    return cut(
      type === 'double' || type === 'real' ? javaDouble(Number(text)) : javaMoment(text, type),
      shape.precision,
    )
  const moment = conversion.startsWith('t') ? momentText(conversion.slice(1), text, type) : undefined
  if (moment !== undefined) return moment
  if (['d', 'x', 'o'].includes(conversion) && integers.includes(type))
    return integerText(conversion, BigInt(text), shape)
  if (['f', 'e', 'g'].includes(conversion) && fractions.includes(type)) return fractionText(conversion, text, shape)
  if (conversion === 'c' && integers.includes(type)) return String.fromCodePoint(Number(text))
  const java = integers.includes(type)
    ? 'Long'
    : type === 'decimal'
      ? 'BigDecimal'
      : type === 'double' || type === 'real'
        ? 'Double'
        : type === 'boolean'
          ? 'Boolean'
          : 'String'
  throw invalidArgument(
    `Invalid format string: ${shape.pattern} (IllegalFormatConversion: ${conversion.at(-1)} != java.lang.${java})`,
  )
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : text.slice(0, precision)
}

function integerText(conversion: string, value: bigint, { flags, width }: Shape): string {
  if (conversion !== 'd') {
    const digits = BigInt.asUintN(64, value).toString(conversion === 'x' ? 16 : 8)
    const prefixed = flags.includes('#') ? (conversion === 'x' ? `0x${digits}` : `0${digits}`) : digits
    return flags.includes('0') ? prefixed.padStart(width, '0') : prefixed
  }
  const size = (value < 0n ? -value : value).toString()
  return signed(flags.includes(',') ? grouped(size) : size, value < 0n, { flags, width })
}

function fractionText(conversion: string, text: string, { flags, width, precision = 6 }: Shape): string {
  const value = Number(text)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = conversion === 'e' ? exponential(Math.abs(value), precision) : fixed(text, precision)
  const [whole = '0', fraction] = size.split('.')
  const grown = flags.includes(',') ? grouped(whole) : whole
  return signed(fraction === undefined ? grown : `${grown}.${fraction}`, text.startsWith('-'), { flags, width })
}

function exponential(value: number, precision: number): string {
  const [mantissa, exponent = '+0'] = value.toExponential(precision).split('e')
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/** Rounded half up on the decimal digits, not on the binary value. */
function fixed(text: string, precision: number): string {
  const plain = /e/i.test(text) ? plainText(Number(text)) : text
  const [whole = '0', fraction = ''] = plain.replace('-', '').split('.')
  if (fraction.length <= precision) return precision === 0 ? whole : `${whole}.${fraction.padEnd(precision, '0')}`
  const kept = BigInt(whole + fraction.slice(0, precision)) + (Number(fraction[precision]) >= 5 ? 1n : 0n)
  const digits = kept.toString().padStart(precision + 1, '0')
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

function plainText(value: number): string {
  const [mantissa = '0', exponent = '0'] = doubleText(Math.abs(value)).split('E')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const shift = Number(exponent)
  if (shift >= 0) return `${whole}${fraction.slice(0, shift).padEnd(shift, '0')}.${fraction.slice(shift) || '0'}`
  return `0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

function signed(size: string, negative: boolean, { flags, width }: Pick<Shape, 'flags' | 'width'>): string {
  const sign = negative ? (flags.includes('(') ? '(' : '-') : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const end = negative && flags.includes('(') ? ')' : ''
  const room = width - sign.length - end.length
  return `${sign}${flags.includes('0') ? size.padStart(room, '0') : size}${end}`
}

function padded(text: string, { flags, width }: Shape): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width)
}
