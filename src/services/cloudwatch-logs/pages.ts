/** Pages of the Describe operations: the token holds the key of the last item that was shown. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')
const pageSizeMax = 50

export interface Page<T> {
  items: T[]
  nextToken?: string
}

/** `all` is sorted by its keys, descending if so said. Errors: InvalidParameterException. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  {
    token,
    limit = pageSizeMax,
    descending = false,
  }: { token?: string | undefined; limit?: number | undefined; descending?: boolean },
): Page<T> {
  const last = token === undefined ? undefined : decodeToken<string>(token)
  const from = last === undefined ? 0 : all.findIndex((item) => (descending ? keyOf(item) < last : keyOf(item) > last))
  if (from < 0) return { items: [] }
  const items = all.slice(from, from + limit)
  const hasMore = from + limit < all.length
  return { items, ...(hasMore && { nextToken: encodeToken(keyOf(items[items.length - 1] as T)) }) }
}

export function encodeToken(value: unknown): string {
  return Buffer.from(JSON.stringify([value])).toString('base64url')
}

/** Errors: InvalidParameterException for a token that is none of ours. */
export function decodeToken<T>(token: string): T {
  try {
    return (JSON.parse(Buffer.from(token, 'base64url').toString()) as [T])[0]
  } catch {
    throw InvalidParameterException('The specified nextToken is invalid.')
  }
}
