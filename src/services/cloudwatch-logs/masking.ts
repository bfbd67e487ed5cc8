/**
 * What data protection hides: managed data identifiers, by patterns of ours that find what they are documented to find,
 * and custom ones. What is found is shown as asterisks.
 */
import { regularExpression } from '../../engines/logFilters/wantedText.ts'
import { NotImplemented } from '../../wire/errors.ts'

export type Mask = (message: string) => string

const managed: Record<string, { expression: RegExp; isFound?: (text: string) => boolean }> = {
  EmailAddress: { expression: /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g },
  IpAddress: {
    expression:
      /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])/g,
  },
  CreditCardNumber: { expression: /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, isFound: hasCheckDigit },
  AwsSecretKey: {
    expression: /(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
  },
  Url: { expression: /https?:\/\/[^\s"'<>]+/g },
}

/** Errors: NotImplemented for what we cannot find, InvalidLogFilter for a custom expression that AWS would not take. */
export function maskOf(identifiers: readonly string[], custom: Readonly<Record<string, string>>): Mask {
  const parts = identifiers.map((identifier) => {
    const name = identifier.replace(/^arn:aws[\w-]*:dataprotection::aws:data-identifier\//, '')
    const own = custom[name]
    const found = own === undefined ? managed[name] : { expression: new RegExp(regularExpression(own), 'g') }
    if (!found) throw NotImplemented(`The data identifier ${name}`)
    return found
  })
  return (message) =>
    parts.reduce(
      (text, { expression, isFound }) =>
        text.replace(expression, (found: string) => ((isFound?.(found) ?? true) ? '*'.repeat(found.length) : found)),
      message,
    )
}

/** Luhn's algorithm. */
function hasCheckDigit(text: string): boolean {
  const digits = [...text]
    .filter((character) => /\d/.test(character))
    .map(Number)
    .reverse()
  const sum = digits.reduce((total, digit, at) => {
    const counted = at % 2 === 1 ? digit * 2 : digit
    return total + (counted > 9 ? counted - 9 : counted)
  }, 0)
  return sum % 10 === 0
}
