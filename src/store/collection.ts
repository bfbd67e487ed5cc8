/**
 * A collection: one kind of record, by key. Defined once, beside its noun; the store adds the table's name, the account
 * and the region to every key, so that a service never sees another account's records by mistake.
 */
import type { KeyPart } from './keys.ts'

/** Whose records lie beside each other: one region's, one account's, or all of them (S3's bucket names). */
export type ScopeKind = 'region' | 'account' | 'global'

export interface Scope {
  account: string
  region: string
}

export interface Collection<R> {
  readonly name: string
  readonly version: number
  readonly scope: ScopeKind
  readonly key: (record: R) => readonly KeyPart[]
  /** Almost every request reads one of the same few: they are kept decoded, and are frozen. */
  readonly kept?: true
  /** Brings a record of an older version up to date. */
  readonly migrate?: (record: unknown, fromVersion: number) => R
}

/** A collection whatever its records. */
export type AnyCollection = Pick<Collection<never>, 'name' | 'version'> & {
  readonly migrate?: (record: unknown, fromVersion: number) => unknown
}

export interface CollectionSettings<R> {
  version: number
  key: (record: R) => readonly KeyPart[]
  scope?: ScopeKind
  kept?: true
  migrate?: (record: unknown, fromVersion: number) => R
}

export function collection<R>(name: string, settings: CollectionSettings<R>): Collection<R> {
  return { name, scope: 'region', ...settings }
}

/** Which records, in the order of their keys. */
export interface Range {
  /** The first parts of the key, equal. */
  prefix?: readonly KeyPart[]
  /** How the string part after `prefix` begins. */
  startsWith?: string
  /** The whole key to begin at, included. */
  from?: readonly KeyPart[]
  /** The whole key (or its first parts, then all that begin so) to begin after. */
  after?: readonly KeyPart[]
  /** The whole key to end before. */
  before?: readonly KeyPart[]
  limit?: number
  reverse?: boolean
}

/** What a collection answers. `Key` parts are those of `collection.key`. */
export interface Records<R> {
  get(...key: KeyPart[]): R | undefined
  has(...key: KeyPart[]): boolean
  /** Read lazily, in order; consume it before the next `await`. */
  list(range?: Range): Iterable<R>
  first(range?: Range): R | undefined
  /** Counted one by one: for small ranges. */
  count(range?: Range): number
}

export interface WritableRecords<R> extends Records<R> {
  put(record: R): void
  delete(...key: KeyPart[]): void
}
