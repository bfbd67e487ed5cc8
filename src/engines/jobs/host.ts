/** What a run asks of its server while it runs: objects as files, files as objects, and the Data Catalog. */

export interface LakeListing {
  files: { key: string; bytes: number; modifiedAt: number }[]
}

/** A staged file that becomes an object; it is moved, not copied. */
export interface StagedObject {
  key: string
  path: string
}

export interface LakeAccess {
  /** All objects whose key begins with the prefix, in key order. Errors: S3's, by `name`. */
  list(bucket: string, prefix: string): Promise<LakeListing>
  /** The objects as files that stay as they are while the run goes on. */
  open(bucket: string, keys: readonly string[]): Promise<{ files: { key: string; path: string }[] }>
  /** All puts and deletes happen, with their events, or none. */
  commit(bucket: string, puts: readonly StagedObject[], deletes: readonly string[]): Promise<void>
}

/** An object that a source has not read yet. `id` stands for this very version of it. */
export interface NewFile {
  key: string
  bytes: number
  modifiedAt: number
  id: number
}

/** What a source read, to be remembered: where it had looked, and which version of which object. */
export interface ReadFile {
  place: string
  modifiedAt: number
  id: number
}

/** The keys of the last row that a source read of a database's table. */
export interface KeyMark {
  names: string[]
  values: { kind: 'number' | 'text'; text: string }[]
}

/** By source, then by the place of the table. */
export type KeyMarks = Record<string, Record<string, KeyMark>>

/** A run's own view of its job's bookmark. Errors: AWS's, by `name`. */
export interface BookmarkAccess {
  /** The version that a commit of this run will follow. */
  begin(): { version: number }
  /** The objects under a prefix that the bookmark says are new, or those between the ends of two earlier runs. */
  list(wanted: {
    source: string
    bucket: string
    prefix: string
    from?: string
    to?: string
  }): Promise<{ place: string; files: NewFile[] }>
  /** Behind which of a table's rows those are that the bookmark says are new, and where those end. */
  keys(wanted: { source: string; place: string; from?: string; to?: string }): { after?: KeyMark; until?: KeyMark }
  /** Durable when it resolves, and all of it or nothing. */
  commit(version: number, read: { sources: Record<string, ReadFile[]>; keys: KeyMarks }): Promise<{ version: number }>
}

/** What came of one rule or analyzer of a ruleset. */
export interface QualityOutcome {
  rule: string
  /** With the numbers in it that a dynamic rule stood for. */
  evaluatedRule: string
  result: 'PASS' | 'FAIL' | 'ERROR'
  reason?: string
  metrics: Record<string, number>
}

/** One ruleset held against one dataset, as a run tells of it. */
export interface QualityPublication {
  /** Of a job: the context that its script named. Of a run over a table: the ruleset. */
  context: string
  keepsResult: boolean
  measures: boolean
  /** Empty: no file. */
  s3Prefix: string
  rules: QualityOutcome[]
  analyzers: QualityOutcome[]
  /** Single numbers by what they measure, for the dynamic rules of later runs. */
  statistics: Record<string, number>
}

/** Data quality results. Errors: AWS's, by `name`. */
export interface QualityAccess {
  /** The statistics of earlier results of this context, newest first. */
  history(context: string): Record<string, number>[]
  /** Durable when it resolves. */
  publish(publication: QualityPublication): Promise<void>
  /** The rules that a profile of the data speaks for: only of a run that was started to recommend some. */
  recommend?(ruleset: string): Promise<void>
}

export interface RunHost {
  lake: LakeAccess
  bookmarks?: BookmarkAccess
  quality?: QualityAccess
  /** A Glue operation on behalf of the script: `GetTable` … Errors: AWS's, by `name`. */
  glue(operation: string, input: object): Promise<object>
}

interface HostCall {
  method: string
  parameters: Record<string, unknown>
}

/** Carries out what a run's process asked for. */
export async function answer(host: RunHost, { method, parameters }: HostCall): Promise<unknown> {
  const bucket = String(parameters.bucket)
  switch (method) {
    case 'lake.list':
      return host.lake.list(bucket, String(parameters.prefix))
    case 'lake.open':
      return host.lake.open(bucket, parameters.keys as string[])
    case 'lake.commit':
      return host.lake.commit(bucket, parameters.puts as StagedObject[], parameters.deletes as string[])
    case 'glue':
      return host.glue(String(parameters.operation), parameters.input as object)
    case 'bookmarks.begin':
    case 'bookmarks.list':
    case 'bookmarks.keys':
    case 'bookmarks.commit':
      return answerOfBookmarks(mustHave(host.bookmarks, 'bookmarks'), method, parameters)
    case 'quality.history':
    case 'quality.publish':
    case 'quality.recommend':
      return answerOfQuality(mustHave(host.quality, 'data quality results'), method, parameters)
    default:
      throw new Error(`A run asked for ${method}, which is not known.`)
  }
}

function mustHave<T>(access: T | undefined, what: string): T {
  if (!access) throw new Error(`This run has no ${what}.`)
  return access
}

async function answerOfBookmarks(bookmarks: BookmarkAccess, method: string, parameters: Record<string, unknown>) {
  if (method === 'bookmarks.begin') return bookmarks.begin()
  if (method === 'bookmarks.list') return bookmarks.list(parameters as Parameters<BookmarkAccess['list']>[0])
  if (method === 'bookmarks.keys') return bookmarks.keys(parameters as Parameters<BookmarkAccess['keys']>[0])
  const { sources, keys } = parameters as { sources: Record<string, ReadFile[]>; keys?: KeyMarks }
  return bookmarks.commit(Number(parameters.version), { sources, keys: keys ?? {} })
}

async function answerOfQuality(quality: QualityAccess, method: string, parameters: Record<string, unknown>) {
  if (method === 'quality.history') return quality.history(String(parameters.context))
  if (method === 'quality.publish') return quality.publish(parameters.publication as QualityPublication)
  return mustHave(quality.recommend, 'recommendations')(String(parameters.ruleset))
}
