/** Pages of the List operations: the token holds the key of the last item that was shown. */
import { awsErrors } from '../../wire/errors.ts'

const { ValidationException } = awsErrors('scheduler')
const pageSizeMax = 100

export interface Page<T> {
  items: T[]
  nextToken?: string
}

/** Items must be in the order of their keys. Errors: ValidationException for a token that is none of ours. */
export function pageOf<T>(
  all: Iterable<T>,
  keyOf: (item: T) => string[],
  { token, limit = pageSizeMax }: { token?: string | undefined; limit?: number | undefined },
): Page<T> {
  const after = token === undefined ? undefined : keyIn(token)
  const items: T[] = []
  for (const item of all) {
    if (after && !isAfter(keyOf(item), after)) continue
    if (items.length === limit) return { items, nextToken: tokenOf(keyOf(items[items.length - 1] as T)) }
    items.push(item)
  }
  return { items }
}

/** Errors: ValidationException. */
export function keyIn(token: string): string[] {
  try {
    const key = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown
    if (Array.isArray(key) && key.every((part) => typeof part === 'string')) return key
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  throw ValidationException('Invalid NextToken.')
}

function tokenOf(key: string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** By UTF-16 units; names are ASCII, so the store orders them the same. */
function isAfter(key: string[], other: string[]): boolean {
  const at = key.findIndex((part, index) => part !== other[index])
  return at >= 0 && (key[at] as string) > (other[at] ?? '')
}
