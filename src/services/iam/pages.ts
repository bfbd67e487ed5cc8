/** IAM's lists: by `MaxItems` (100 unless told) from a `Marker`, which names the last item given. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidInputException } = awsErrors('iam')

export interface PageRequest {
  Marker?: string | undefined
  MaxItems?: number | undefined
}

export function pageOf<T>(items: T[], nameOf: (item: T) => string, request: PageRequest) {
  const start = request.Marker === undefined ? 0 : positionAfter(items.map(nameOf), request.Marker)
  const page = items.slice(start, start + (request.MaxItems ?? 100))
  const last = page.at(-1)
  const isTruncated = start + page.length < items.length && last !== undefined
  return {
    page,
    rest: {
      IsTruncated: isTruncated,
      ...(isTruncated && { Marker: Buffer.from(nameOf(last)).toString('base64url') }),
    },
  }
}

function positionAfter(names: string[], marker: string): number {
  const name = Buffer.from(marker, 'base64url').toString()
  const position = names.indexOf(name)
  if (position >= 0) return position + 1
  const next = names.findIndex((other) => other > name)
  if (next >= 0) return next
  throw InvalidInputException(`Invalid Marker: ${marker}`)
}
