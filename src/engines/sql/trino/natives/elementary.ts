/**
 * Elementary functions of doubles to the last digit that Java gives: Java and V8 both follow fdlibm here, where a C
 * library's answers differ in the last digit for up to half of all arguments.
 */
import { native } from './native.ts'

/** By bits, divided by three: a cube root to five bits. */
const thirdOfExponent = 715_094_163
const thirdOfTinyExponent = 696_219_795
const twoTo54 = 2 ** 54
const leastNormal = 2 ** -1022

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
/** Of the two halves of a double, the one with sign and exponent; every host of ours keeps it second. */
const high = 1
const low = 0

/** Fdlibm's: an estimate by bits, a rational step to 23 bits, and a Newton step to 53. */
function cbrt(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value
  const x = Math.abs(value)
  let root = estimate(x)
  const ratio = (root * root) / x
  const step = 19 / 35 + ratio * root
  root *= 5 / 14 + 45 / 28 / (step + 99 / 70 + -864 / 1225 / step)
  // Cut to 20 bits and made larger than the root, so that its square is exact.
  double[0] = root
  words[low] = 0
  words[high] = (words[high] as number) + 1
  root = double[0]
  const quotient = x / (root * root)
  root += root * ((quotient - root) / (root + root + quotient))
  return value < 0 ? -root : root
}

function estimate(x: number): number {
  const isTiny = x < leastNormal
  double[0] = isTiny ? x * twoTo54 : x
  const bits = Math.floor((words[high] as number) / 3) + (isTiny ? thirdOfTinyExponent : thirdOfExponent)
  words[low] = 0
  words[high] = bits
  return double[0]
}

export const elementaryNatives = [
  native('power', ['DOUBLE', 'DOUBLE'], 'DOUBLE', (base, exponent) => base ** exponent),
  native('cbrt', ['DOUBLE'], 'DOUBLE', cbrt),
  native('sin', ['DOUBLE'], 'DOUBLE', Math.sin),
  native('cos', ['DOUBLE'], 'DOUBLE', Math.cos),
  native('tan', ['DOUBLE'], 'DOUBLE', Math.tan),
  native('sinh', ['DOUBLE'], 'DOUBLE', Math.sinh),
  native('cosh', ['DOUBLE'], 'DOUBLE', Math.cosh),
  native('tanh', ['DOUBLE'], 'DOUBLE', Math.tanh),
  native('asin', ['DOUBLE'], 'DOUBLE', Math.asin),
  native('acos', ['DOUBLE'], 'DOUBLE', Math.acos),
  native('atan', ['DOUBLE'], 'DOUBLE', Math.atan),
  native('atan2', ['DOUBLE', 'DOUBLE'], 'DOUBLE', Math.atan2),
]
