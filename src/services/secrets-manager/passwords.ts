/** Random passwords with the rules of GetRandomPassword. Drawn by the system's own generator: these are secrets. */
import { randomInt } from 'node:crypto'
import { awsErrors } from '../../wire/errors.ts'

const { InvalidParameterException } = awsErrors('secrets-manager')

const kinds = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numbers: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

export interface PasswordRules {
  PasswordLength?: number | undefined
  ExcludeCharacters?: string | undefined
  ExcludeNumbers?: boolean | undefined
  ExcludePunctuation?: boolean | undefined
  ExcludeUppercase?: boolean | undefined
  ExcludeLowercase?: boolean | undefined
  IncludeSpace?: boolean | undefined
  RequireEachIncludedType?: boolean | undefined
}

const lengthUsual = 32

export function randomPassword(rules: PasswordRules): string {
  const length = rules.PasswordLength ?? lengthUsual
  const excluded = new Set(rules.ExcludeCharacters ?? '')
  const sets = [
    rules.ExcludeLowercase ? '' : kinds.lowercase,
    rules.ExcludeUppercase ? '' : kinds.uppercase,
    rules.ExcludeNumbers ? '' : kinds.numbers,
    rules.ExcludePunctuation ? '' : kinds.punctuation,
    rules.IncludeSpace ? ' ' : '',
  ]
    .map((set) => [...set].filter((sign) => !excluded.has(sign)))
    .filter((set) => set.length > 0)
  const all = sets.flat()
  const required = (rules.RequireEachIncludedType ?? true) ? sets : []
  if (all.length === 0 || required.length > length) {
    throw InvalidParameterException(
      'The password cannot be made: too many kinds of characters are excluded, or it is too short.',
    )
  }
  const drawn = Array.from({ length }, (_, index) => draw(required[index] ?? all))
  return shuffled(drawn).join('')
}

function draw(set: string[]): string {
  return set[randomInt(set.length)] as string
}

function shuffled(signs: string[]): string[] {
  const result = [...signs]
  for (let index = result.length - 1; index > 0; index--) {
    const other = randomInt(index + 1)
    const kept = result[index] as string
    result[index] = result[other] as string
    result[other] = kept
  }
  return result
}
