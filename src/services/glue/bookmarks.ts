/** Job bookmarks: each commit of a job is a version of its bookmark, kept so that a later run may go back to it. */
import type { JobBookmarkEntry } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { KeyMarks, ReadFile } from '../../engines/jobs/host.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { bandMilliseconds, type SourceStates, withRead } from './bookmarkStates.ts'
import { type JobRun, jobRuns } from './jobRunRecords.ts'
import { forgetRead } from './readObjects.ts'

const { EntityNotFoundException, VersionMismatchException } = awsErrors('glue')

export interface BookmarkVersion {
  jobName: string
  version: number
  /** How many runs have committed. */
  run: number
  attempt: number
  /** Absent after a reset. */
  runId?: string
  previousRunId?: string
  committedAt: Millis
  sources: SourceStates
  /** Of tables of databases. */
  keys?: KeyMarks
}

/** Newest last. */
export const bookmarks = collection<BookmarkVersion>('glue/bookmarks', {
  version: 1,
  key: ({ jobName, version }) => [jobName, version],
})

/** Versions that a job may go back to. */
const versionsMax = 50

export const bookmarkOperations = operations('glue', {
  async GetJobBookmark(input, ctx) {
    return { JobBookmarkEntry: entryOf(mustGetBookmark(ctx, input.JobName, input.RunId)) }
  },

  async ResetJobBookmark(input, ctx) {
    const reset = await ctx.commit((tx) => {
      const now = mustGetBookmark(tx, input.JobName)
      const back = input.RunId ? mustGetBookmark(tx, input.JobName, input.RunId) : undefined
      forgetRead(tx, now.jobName)
      return putVersion(tx, {
        jobName: now.jobName,
        version: now.version + 1,
        run: back?.run ?? 0,
        attempt: back?.attempt ?? 0,
        ...(back?.runId && { runId: back.runId }),
        ...(back?.previousRunId && { previousRunId: back.previousRunId }),
        committedAt: tx.now,
        sources: back?.sources ?? {},
        keys: back?.keys ?? {},
      })
    })
    return { JobBookmarkEntry: entryOf(reset) }
  },
})

type Reading = Pick<Context | Tx, 'in'>

export function latestBookmark(ctx: Reading, jobName: string): BookmarkVersion | undefined {
  return ctx.in(bookmarks).first({ prefix: [jobName], reverse: true })
}

/** Errors: EntityNotFoundException. */
function mustGetBookmark(ctx: Reading, jobName: string, runId?: string): BookmarkVersion {
  const found = runId
    ? [...ctx.in(bookmarks).list({ prefix: [jobName], reverse: true })].find((version) => version.runId === runId)
    : latestBookmark(ctx, jobName)
  if (!found) throw EntityNotFoundException(`Continuation for job ${jobName} not found`)
  return found
}

/** What had been read at the end of a run: as its commit left it, or the last commit before it. Errors: EntityNotFoundException. */
export function committedUntil(ctx: Reading, jobName: string, runId: string): BookmarkVersion | undefined {
  const run = ctx.in(jobRuns).get(jobName, runId)
  if (!run) throw EntityNotFoundException(`Job run ${runId} of job ${jobName} not found.`)
  const newestFirst = [...ctx.in(bookmarks).list({ prefix: [jobName], reverse: true })]
  const own = newestFirst.find((version) => version.runId === runId)
  const before = newestFirst.find((version) => version.committedAt <= (run.completedAt ?? run.startedAt))
  return own ?? before
}

/** Errors: VersionMismatchException, when another run has committed since this one began. */
export function commitBookmark(
  tx: Tx,
  run: JobRun,
  { version, sources, keys }: { version: number; sources: Record<string, readonly ReadFile[]>; keys: KeyMarks },
): BookmarkVersion {
  const latest = latestBookmark(tx, run.jobName)
  const found = latest?.version ?? 0
  if (found !== version)
    throw VersionMismatchException(
      `Continuation update failed due to version mismatch. Expected version ${version} but found version ${found}`,
    )
  const isSameRun = latest?.runId === run.id
  const previousRunId = isSameRun ? latest?.previousRunId : latest?.runId
  return putVersion(tx, {
    jobName: run.jobName,
    version: version + 1,
    run: (latest?.run ?? 0) + (isSameRun ? 0 : 1),
    attempt: run.attempt,
    runId: run.id,
    ...(previousRunId && { previousRunId }),
    committedAt: tx.now,
    sources: withRead(latest?.sources ?? {}, sources),
    keys: withMarks(latest?.keys ?? {}, keys),
  })
}

function withMarks(before: KeyMarks, reached: KeyMarks): KeyMarks {
  const changed = Object.entries(reached).map(([source, marks]) => [source, { ...before[source], ...marks }])
  return { ...before, ...Object.fromEntries(changed) }
}

/** A job's bookmark goes with the job. */
export function deleteBookmarks(tx: Tx, jobName: string): void {
  for (const { version } of [...tx.in(bookmarks).list({ prefix: [jobName] })]) tx.in(bookmarks).delete(jobName, version)
  forgetRead(tx, jobName)
}

function putVersion(tx: Tx, version: BookmarkVersion): BookmarkVersion {
  tx.in(bookmarks).put(version)
  tx.in(bookmarks).delete(version.jobName, version.version - versionsMax)
  return version
}

function entryOf(bookmark: BookmarkVersion): JobBookmarkEntry {
  const { jobName, version, run, attempt, runId, previousRunId } = bookmark
  return {
    JobName: jobName,
    Version: version,
    Run: run,
    Attempt: attempt,
    ...(previousRunId && { PreviousRunId: previousRunId }),
    ...(runId && { RunId: runId }),
    JobBookmark: textOf(bookmark),
  }
}

/** By transformation context, as AWS's text has it; what is listed are our own identities of objects. */
function textOf({ run, sources, keys = {} }: BookmarkVersion): string {
  const elements = Object.entries(sources).map(([source, places]) => {
    const states = Object.values(places)
    const until = Math.max(0, ...states.map((state) => state.until))
    const timestamps = {
      RUN: String(run),
      HIGH_BAND: String(bandMilliseconds),
      CURR_LATEST_PARTITION: '0',
      CURR_LATEST_PARTITIONS: '',
      CURR_RUN_START_TIME: new Date(until).toISOString(),
      INCLUDE_LIST: states.flatMap((state) => [...state.recentIds].map((id) => id.toString(16))).join(','),
    }
    return [source, { jsonClass: 'HadoopDataSourceJobBookmarkState', timestamps }]
  })
  const tables = Object.entries(keys).map(([source, marks]) => [source, { jsonClass: 'JdbcJobBookmarkState', marks }])
  return JSON.stringify(Object.fromEntries([...elements, ...tables]))
}
