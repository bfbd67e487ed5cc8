/**
 * Whether a decimal of 16 or 17 digits is the very text that its double is written as; only then can the two be
 * compared (decimals.ts). Worked out in double arithmetic with its errors kept, since making strings costs a microsecond.
 */
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const double = new Float64Array(1)
const halves = new Int32Array(double.buffer)

export interface Decimal {
  /** The first 15 digits. */
  head: number
  /** The one or two digits after them, and how many. */
  tail: number
  tailDigits: number
  /** Digits behind the point. */
  fraction: number
}

/** The double that is exactly what was written (without its sign); `none`, or undefined if it is too near to say. */
export function shortestDouble({ head, tail, tailDigits, fraction }: Decimal): number | 'none' | undefined {
  const scale = powersOfTen[fraction] as number
  const tailScale = powersOfTen[tailDigits] as number
  const near = (head * tailScale + tail) / scale
  double[0] = near
  const exponent = ((halves[1] as number) >>> 20) & 0x7ff
  const isPowerOfTwo = halves[0] === 0 && ((halves[1] as number) & 0xfffff) === 0
  if (isPowerOfTwo || exponent < 60) return undefined
  const step = powerOfTwo(exponent - 52)
  // All in units of the last digit: how far apart doubles are, and how far the text is from the near one.
  const width = step * scale
  const written = head * tailScale
  const product = near * scale
  const error = productError(near, scale, product) - productError(head, tailScale, written) - tail
  const offset = -(product - written + error)
  const steps = Math.round(offset / width)
  const off = offset - steps * width
  const value = near + steps * step
  return verdict(off, width / 2, tail % 10, value)
}

/** By its exponent as a double has it: 1023 more than it is. */
function powerOfTwo(exponent: number): number {
  halves[0] = 0
  halves[1] = exponent << 20
  return double[0] as number
}

/** It must be the nearest of its length to the double, and nothing shorter may round to the same double. */
function verdict(off: number, half: number, lastDigit: number, value: number): number | 'none' | undefined {
  // Nearer than this to a tie the strings decide.
  const doubt = 1e-3
  const nearest = 0.5 - Math.abs(off)
  const shorter = Math.min(lastDigit - off, 10 - lastDigit + off) - half
  if (lastDigit === 0 || half - Math.abs(off) < doubt) return undefined
  if (Math.abs(nearest) < doubt || Math.abs(shorter) < doubt) return undefined
  return nearest > 0 && shorter > 0 ? value : 'none'
}

/** What a product of two doubles loses in rounding, exactly. */
function productError(left: number, right: number, product: number): number {
  const leftHigh = highHalf(left)
  const leftLow = left - leftHigh
  const rightHigh = highHalf(right)
  const rightLow = right - rightHigh
  return leftLow * rightLow - (product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow)
}

function highHalf(value: number): number {
  const splitter = 0x8000001 // 2 ** 27 + 1
  const scaled = splitter * value
  return scaled - (scaled - value)
}
