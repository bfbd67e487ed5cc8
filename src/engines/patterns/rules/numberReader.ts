/**
 * A number's bytes as a double, near enough to be compared and without making a string of it. Up to 15 digits the
 * double is exact; beyond, it is off by a few parts in 10^16, and `isExact` says so.
 */
import { comparableNumber } from '../decimals.ts'
import { type Decimal, shortestDouble } from './shortestDecimal.ts'

const fractionMax = 22
const tailDigitsMax = 2
const powers = Array.from({ length: fractionMax + 1 }, (_, exponent) => Number(`1e${exponent}`))

export class NumberReader {
  value = 0
  isExact = true
  readonly #decimal: Decimal = { head: 0, tail: 0, tailDigits: 0, fraction: 0 }
  #isPlain = true
  #isNegative = false
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  read(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    // Of the function: the host would read it from memory for each digit.
    const exactDigits = 15
    let mantissa = 0
    let digits = 0
    let rest = 0
    let restDigits = 0
    let fraction = 0
    let inFraction = 0
    for (let at = bytes[start] === 45 ? start + 1 : start; at < end; at++) {
      const digit = (bytes[at] as number) - 48
      if (digit >= 0 && digit <= 9) {
        fraction += inFraction
        if (digits < exactDigits) {
          mantissa = mantissa * 10 + digit
          if (mantissa > 0) digits++
        } else {
          rest = rest * 10 + digit
          restDigits++
        }
      } else if (digit === -2) inFraction = 1
      else {
        this.#readText()
        return
      }
    }
    if (fraction > fractionMax || restDigits > exactDigits) {
      this.#readText()
      return
    }
    this.#keep(mantissa, rest, restDigits, fraction)
    if (restDigits > 0) mantissa = mantissa * (powers[restDigits] as number) + rest
    const value = mantissa / (powers[fraction] as number)
    this.#isNegative = bytes[start] === 45
    this.value = this.#isNegative ? -value : value
    this.isExact = restDigits === 0
  }

  /** As it was written. */
  text(): string {
    return this.#bytes.toString('latin1', this.#start, this.#end)
  }

  /** The double that is exactly what was written, or undefined if there is none. */
  comparable(): number | undefined {
    if (this.isExact) return this.value
    const found = this.#isPlain ? shortestDouble(this.#decimal) : undefined
    if (found === undefined) return comparableNumber(this.text())
    if (found === 'none') return undefined
    return this.#isNegative ? -found : found
  }

  #keep(head: number, tail: number, tailDigits: number, fraction: number): void {
    const decimal = this.#decimal
    decimal.head = head
    decimal.tail = tail
    decimal.tailDigits = tailDigits
    decimal.fraction = fraction
    this.#isPlain = tailDigits <= tailDigitsMax
  }

  #readText(): void {
    this.value = Number(this.text())
    this.isExact = false
    this.#isPlain = false
  }
}
