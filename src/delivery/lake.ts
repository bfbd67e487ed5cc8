/**
 * The lake as engines see it: objects under a prefix as files in a folder, and files in a folder committed as objects.
 * Nothing goes over HTTP and nothing is copied. The s3 service provides it; jobs and SQL use it.
 */

import type { Millis } from '../clock.ts'
import type { TraceRef } from '../observe/traces.ts'
import type { Scope } from '../store/collection.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

export interface LakeFile {
  /** Where the engine reads it: a link inside the view's folder. */
  path: string
  key: string
  bytes: number
  modifiedAt: Millis
  /** Without quotation marks. */
  etag: string
}

export interface OpenOptions {
  /** Deeper "folders" of the prefix too. Default: true. */
  recursive?: boolean
  /**
   * `mirrored` (the default): a file's path repeats its whole key below the folder, so that `date=2025-10-20/` stays
   * readable from it; keys that no path can say get a numbered name. `numbered`: `000001.csv`, in key order, flat.
   */
  names?: 'mirrored' | 'numbered'
  /** Only these keys, in place of all under the prefix. */
  keys?: readonly string[]
  /** Where so many files lie, each costs more than its bytes: small ones may be taken in place of being laid out. */
  taking?: { filesMin: number; take: BodyTaker }
}

/** Is given a file with its whole body, and answers whether it took it. */
export type BodyTaker = (file: LakeFile, body: Uint8Array) => boolean

/** What lay under a prefix at one moment; later changes to the objects do not show in it. */
export interface LakeView {
  folder: string
  /** In key order. Keys that end in `/` (folder markers) are left out. */
  files: LakeFile[]
  /** Removes the folder. */
  close(): Promise<void>
}

export interface LakeObject {
  key: string
  bytes: number
  modifiedAt: Millis
  /** Without quotation marks. */
  etag: string
}

export type StagedFile = StagedBody & {
  key: string
  contentType?: string
}

/**
 * `path`: a file the caller wrote, best in a folder from `stagingFolder()`. It is taken over, and may be gone afterwards.
 * `bytes`: what is too little for a file.
 */
export type StagedBody = { path: string } | { bytes: Uint8Array }

export interface LakeCommit {
  scope: Scope
  bucket: string
  files: readonly StagedFile[]
  /** Objects that go in the same transaction; a key that is also written is overwritten, not deleted. */
  delete?: { keys?: readonly string[]; prefixes?: readonly string[] }
  /** The hop that writes: the objects' events hang below it. */
  trace?: TraceRef
  /** What stands if and only if the objects do: it is decided in their transaction. A throw undoes them. */
  also?: (tx: Tx) => void
}

export interface CommittedObject {
  key: string
  bytes: number
  etag: string
  versionId?: string
}

/** Errors are S3's own: NoSuchBucket, NoSuchKey. */
export interface Lake {
  open(place: { scope: Scope; bucket: string; prefix: string }, options?: OpenOptions): Promise<LakeView>
  /** What lies under a prefix, in key order, of what `accepts` lets through; folder markers are left out. */
  list(
    place: { scope: Scope; bucket: string; prefix: string },
    accepts?: (object: LakeObject) => boolean,
  ): Promise<LakeObject[]>
  /** At most so many of an object's bytes from `start` on, and how many it has. */
  read(
    place: { scope: Scope; bucket: string; key: string },
    part: { start: number; bytesMax: number },
  ): Promise<{ bytes: Uint8Array; size: number }>
  /** One transaction: all files become objects and all deletions happen, with their S3 events, or nothing does. */
  commit(commit: LakeCommit): Promise<CommittedObject[]>
  /** A new empty folder on the store's own disk, so that committing from it copies nothing. The caller removes it. */
  stagingFolder(): Promise<string>
}

/** Provided by the s3 service: `ctx.use(lake)`. */
export const lake = singleton<Lake>('lake')
