/** Lists in pages: the token is the last name that was given. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidRequestException } = awsErrors('athena')

export function page<T>(
  all: readonly T[],
  asked: { NextToken?: string | undefined; MaxResults?: number | undefined },
  list: { nameOf: (one: T) => string; sizeMax: number },
): { items: T[]; NextToken?: string } {
  const { NextToken, MaxResults = list.sizeMax } = asked
  const last = NextToken === undefined ? -1 : all.findIndex((one) => list.nameOf(one) === NextToken)
  if (NextToken !== undefined && last < 0) throw InvalidRequestException('Invalid NextToken')
  const items = all.slice(last + 1, last + 1 + MaxResults)
  const end = items[items.length - 1]
  return { items, ...(end && last + 1 + items.length < all.length && { NextToken: list.nameOf(end) }) }
}
