/**
 * Conditional requests: reads (RFC 9110's order, 304 or 412), copies (their source, 412), and writes
 * (`If-None-Match: *`, `If-Match`), which are decided inside the commit, so that two writers cannot both win.
 */
import type { Millis } from '../../clock.ts'
import { InvalidArgument, NoSuchKey, NotModified, PreconditionFailed } from './errors.ts'

export interface Tagged {
  etag: string
  modifiedAt: Millis
}

export interface ReadConditions {
  IfMatch?: string
  IfNoneMatch?: string
  IfModifiedSince?: Date
  IfUnmodifiedSince?: Date
}

export function checkReadConditions(conditions: ReadConditions, object: Tagged): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions
  if (IfMatch !== undefined) {
    if (!listsEtag(IfMatch, object.etag)) throw PreconditionFailed('If-Match')
  } else if (IfUnmodifiedSince && seconds(object.modifiedAt) > seconds(IfUnmodifiedSince.getTime())) {
    throw PreconditionFailed('If-Unmodified-Since')
  }
  if (IfNoneMatch !== undefined) {
    if (listsEtag(IfNoneMatch, object.etag)) throw NotModified(validators(object))
  } else if (IfModifiedSince && seconds(object.modifiedAt) <= seconds(IfModifiedSince.getTime())) {
    throw NotModified(validators(object))
  }
}

export interface CopyConditions {
  CopySourceIfMatch?: string
  CopySourceIfNoneMatch?: string
  CopySourceIfModifiedSince?: Date
  CopySourceIfUnmodifiedSince?: Date
}

export function checkCopyConditions(conditions: CopyConditions, source: Tagged): void {
  const { CopySourceIfMatch: match, CopySourceIfNoneMatch: noneMatch } = conditions
  const { CopySourceIfModifiedSince: since, CopySourceIfUnmodifiedSince: unmodifiedSince } = conditions
  if (match !== undefined) {
    if (!listsEtag(match, source.etag)) throw PreconditionFailed('x-amz-copy-source-If-Match')
  } else if (unmodifiedSince && seconds(source.modifiedAt) > seconds(unmodifiedSince.getTime())) {
    throw PreconditionFailed('x-amz-copy-source-If-Unmodified-Since')
  }
  if (noneMatch !== undefined) {
    if (listsEtag(noneMatch, source.etag)) throw PreconditionFailed('x-amz-copy-source-If-None-Match')
  } else if (since && seconds(source.modifiedAt) <= seconds(since.getTime())) {
    throw PreconditionFailed('x-amz-copy-source-If-Modified-Since')
  }
}

export interface WriteConditions {
  IfMatch?: string
  IfNoneMatch?: string
}

/** Refuses what can never be decided, before a body is received for nothing. */
export function checkWriteConditionsMeanSomething({ IfMatch, IfNoneMatch }: WriteConditions): void {
  if (IfNoneMatch !== undefined && IfNoneMatch.trim() !== '*') {
    throw InvalidArgument('The If-None-Match header only supports *.', 'If-None-Match', IfNoneMatch)
  }
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw InvalidArgument('If-Match and If-None-Match cannot be used together.', 'If-Match', IfMatch)
  }
}

/** `current` is what the key holds now, unless that is nothing or a delete marker. */
export function checkWriteConditions(conditions: WriteConditions, key: string, current: Tagged | undefined): void {
  if (conditions.IfNoneMatch !== undefined && current) throw PreconditionFailed('If-None-Match')
  if (conditions.IfMatch === undefined) return
  if (!current) throw NoSuchKey(key)
  if (!listsEtag(conditions.IfMatch, current.etag)) throw PreconditionFailed('If-Match')
}

/** A header may list several tags, quoted or bare, or `*`. */
export function listsEtag(header: string, etag: string): boolean {
  return header.split(',').some((one) => {
    const tag = one.trim().replace(/^W\//, '')
    return tag === '*' || unquoted(tag) === etag
  })
}

export function unquoted(etag: string): string {
  return etag.startsWith('"') && etag.endsWith('"') && etag.length >= 2 ? etag.slice(1, -1) : etag
}

export function quoted(etag: string): string {
  return `"${etag}"`
}

/** HTTP dates have no milliseconds. */
const seconds = (time: Millis) => Math.floor(time / 1000)

function validators(object: Tagged): Record<string, unknown> {
  return { headers: { etag: quoted(object.etag), 'last-modified': new Date(object.modifiedAt).toUTCString() } }
}
