/** Patterns of names, as the Catalog takes them from Hive. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidInputException } = awsErrors('glue')

/** `*` is anything, `|` is or; a regular expression passes through. Errors: InvalidInputException. */
export function namePattern(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern.replace(/(?<![.\])}])\*/g, '.*')})$`, 'i')
  } catch {
    throw InvalidInputException(`The pattern ${pattern} is not valid.`)
  }
}
