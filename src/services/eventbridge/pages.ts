/** Pages of the List operations: the token holds the last name that was shown. */
import { awsError } from '../../wire/errors.ts'

const pageSizeMax = 100

export interface Page<T> {
  items: T[]
  nextToken?: string
}

/** Items must be in the order of their names. Errors: ValidationException for a token that is none of ours. */
export function pageOf<T>(
  all: Iterable<T>,
  nameOf: (item: T) => string,
  { token, limit = pageSizeMax }: { token?: string | undefined; limit?: number | undefined },
): Page<T> {
  const after = token === undefined ? undefined : lastNameOf(token)
  const items: T[] = []
  for (const item of all) {
    if (after !== undefined && nameOf(item) <= after) continue
    if (items.length === limit) return { items, nextToken: tokenOf(nameOf(items[items.length - 1] as T)) }
    items.push(item)
  }
  return { items }
}

function tokenOf(name: string): string {
  return Buffer.from(JSON.stringify([name])).toString('base64url')
}

function lastNameOf(token: string): string {
  try {
    const [name] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [unknown]
    if (typeof name === 'string') return name
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  throw awsError('ValidationException', 'Parameter NextToken is not valid.')
}
