/**
 * Numbers as EventBridge compares them: 1 = 1.0 = 1e0, as doubles. A number whose digits a double cannot hold
 * (9007199254740993) is not rounded: it cannot be compared, and matches only by its own text.
 */
const shortTextMax = 15

/** The double that is exactly what was written, or undefined if there is none. */
export function comparableNumber(text: string): number | undefined {
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  if (text.length <= shortTextMax && Math.abs(value) > 1e-290) return value + 0
  return significantDigits(text) === significantDigits(String(value)) ? value + 0 : undefined
}

/** Numbers that match each other have equal keys. */
export function numberKey(text: string): string {
  return String(comparableNumber(text) ?? text)
}

/** Sign, digits without outer zeros, and exponent: equal for equal decimals. */
function significantDigits(text: string): string {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.')
  const all = whole + fraction
  const leadingZeros = all.length - all.replace(/^0+/, '').length
  const digits = all.slice(leadingZeros).replace(/0+$/, '')
  if (digits === '') return '0'
  return `${mantissa.startsWith('-') ? '-' : ''}${digits}e${whole.length - leadingZeros + Number(power)}`
}
