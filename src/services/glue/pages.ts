/** Pages of Glue's lists: the token is the place of the next item's key, as text. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidInputException } = awsErrors('glue')

export interface PageRequest {
  NextToken?: string | undefined
  MaxResults?: number | undefined
}

export interface Page<T> {
  items: T[]
  next: { NextToken?: string }
}

/** Takes one page from all items in their order. Errors: InvalidInputException for a token that is none of ours. */
export function pageOf<T>(all: Iterable<T>, { NextToken, MaxResults }: PageRequest, sizeMax = 100): Page<T> {
  const start = NextToken ? placeOf(NextToken) : 0
  const size = Math.min(MaxResults ?? sizeMax, sizeMax)
  const items: T[] = []
  let place = 0
  for (const item of all) {
    if (place >= start + size) return { items, next: { NextToken: tokenOf(place) } }
    if (place >= start) items.push(item)
    place += 1
  }
  return { items, next: {} }
}

function tokenOf(place: number): string {
  return Buffer.from(`at ${place}`).toString('base64url')
}

function placeOf(token: string): number {
  const match = /^at (\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  if (!match) throw InvalidInputException('Invalid NextToken')
  return Number(match[1])
}
