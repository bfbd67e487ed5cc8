/** The part of a body that a `Range` header asks for. Only the first of several ranges would be answered; S3 ignores such a header, and so do we. */
import type { ByteSpan } from '../../store/blobFiles.ts'
import { InvalidRange } from './errors.ts'

const single = /^bytes=(\d*)-(\d*)$/

/** `undefined`: the whole body, because no (understandable) range was asked for. */
export function spanOf(range: string | undefined, size: number): ByteSpan | undefined {
  const match = range === undefined ? null : single.exec(range.trim())
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    if (length === 0) throw InvalidRange(range as string, size)
    return { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) throw InvalidRange(range as string, size)
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** UploadPartCopy's range is stricter: both ends, and inside the source. */
export function copySpanOf(range: string, size: number): ByteSpan | undefined {
  const match = /^bytes=(\d+)-(\d+)$/.exec(range)
  if (!match) return undefined
  const span = { start: Number(match[1]), end: Number(match[2]) }
  return span.start <= span.end && span.end < size ? span : undefined
}

/** The pieces of consecutive parts that make up a span. */
export function piecesOf<P extends { size: number }>(
  parts: readonly P[],
  span: ByteSpan,
): { part: P; span: ByteSpan }[] {
  const pieces: { part: P; span: ByteSpan }[] = []
  let offset = 0
  for (const part of parts) {
    const start = Math.max(span.start, offset)
    const end = Math.min(span.end, offset + part.size - 1)
    if (start <= end) pieces.push({ part, span: { start: start - offset, end: end - offset } })
    offset += part.size
  }
  return pieces
}
