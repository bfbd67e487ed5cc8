/**
 * What data protection finds in a text: managed data identifiers, by patterns of ours that find what they are documented to
 * find, and custom ones. Those that AWS finds by machine learning or by keywords around them are not there.
 * CloudWatch Logs User Guide, "Types of data that you can protect"; SNS Developer Guide, "Using managed data identifiers".
 */
import { regularExpression } from '../logFilters/wantedText.ts'

export interface Finding {
  /** The identifier's name. */
  name: string
  /** Of its first character, from 0. */
  start: number
  /** Behind its last. */
  end: number
}

/** Findings in the order of the identifiers; two identifiers may find the same. */
export type Finder = (text: string) => Finding[]

export class UnknownIdentifier extends Error {
  readonly identifier: string
  constructor(identifier: string) {
    super(`no pattern for ${identifier}`)
    this.identifier = identifier
  }
}

interface Pattern {
  expression: RegExp
  isFound?: (text: string) => boolean
}

/** Of a private key as text: those of RSA with 16,384 bits have 13,000. */
const keyCharactersMax = 20_000

const managed = new Map<string, Pattern>([
  // A local part has 64 characters at most (RFC 5321) and begins where its characters do: long runs are looked at once.
  [
    'EmailAddress',
    {
      expression: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g,
    },
  ],
  [
    'IpAddress',
    {
      expression:
        /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])/g,
    },
  ],
  // In one run, or in the groups that cards are printed with: other numbers beside it are none of it.
  [
    'CreditCardNumber',
    {
      expression: /(?<!\d)(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5})(?!\d)/g,
      isFound: hasCheckDigit,
    },
  ],
  [
    'AwsSecretKey',
    {
      expression: /(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    },
  ],
  ['Url', { expression: /https?:\/\/[^\s"'<>]+/g }],
  ['OpenSshPrivateKey', { expression: armored('OPENSSH PRIVATE KEY') }],
  ['PgpPrivateKey', { expression: armored('PGP PRIVATE KEY BLOCK') }],
  ['PkcsPrivateKey', { expression: armored('(?:RSA |DSA |EC |ENCRYPTED )?PRIVATE KEY') }],
  [
    'PuttyPrivateKey',
    {
      expression:
        /PuTTY-User-Key-File-\d: (?:(?!PuTTY-)[\s\S]){0,20000}?Private-Lines: \d+(?:(?:\\r|\\n|\s)+[A-Za-z0-9+/=]+)*/g,
    },
  ],
])

/** An identifier as policies name it: by its ARN, or a custom one by its name. */
const managedArn = /^arn:aws[\w-]*:dataprotection::aws:data-identifier\//

/**
 * Errors: UnknownIdentifier for what we cannot find, InvalidLogFilter for a custom expression that AWS would not take.
 */
export function finderOf(identifiers: readonly string[], custom: ReadonlyMap<string, string>): Finder {
  const parts = identifiers.map((identifier) => patternOf(identifier.replace(managedArn, ''), custom))
  return (text) => parts.flatMap(({ name, pattern }) => foundBy(name, pattern, text))
}

/** Whether a custom one may not have the name. */
export function isManagedName(name: string): boolean {
  return managed.has(name)
}

export function isManaged(identifier: string): boolean {
  return managedArn.test(identifier)
}

function patternOf(name: string, custom: ReadonlyMap<string, string>): { name: string; pattern: Pattern } {
  const own = custom.get(name)
  const pattern = own === undefined ? managed.get(name) : { expression: new RegExp(regularExpression(own), 'g') }
  if (!pattern) throw new UnknownIdentifier(name)
  return { name, pattern }
}

function foundBy(name: string, { expression, isFound }: Pattern, text: string): Finding[] {
  const found: Finding[] = []
  for (const match of text.matchAll(expression)) {
    const [what] = match
    if (what === '' || isFound?.(what) === false) continue
    found.push({ name, start: match.index, end: match.index + what.length })
  }
  return found
}

/** The text with what was found replaced; what two identifiers found is replaced once. */
export function replaced(text: string, findings: readonly Finding[], replacement: (length: number) => string): string {
  if (findings.length === 0) return text
  const parts: string[] = []
  let done = 0
  for (const { start, end } of merged(findings)) {
    parts.push(text.slice(done, start), replacement(end - start))
    done = end
  }
  return parts.join('') + text.slice(done)
}

/** In the order of the text, without overlaps. */
function merged(findings: readonly Finding[]): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = []
  for (const { start, end } of [...findings].sort((left, right) => left.start - right.start)) {
    const last = spans.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else spans.push({ start, end })
  }
  return spans
}

/** A block of text with a head and a foot, and no other head in it; line ends may be written as in JSON. */
function armored(label: string): RegExp {
  return new RegExp(`-----BEGIN ${label}-----(?:[^-]|-(?!----)){0,${keyCharactersMax}}-----END ${label}-----`, 'g')
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
