/** A run's own view of its job's bookmark: what is new to it, and its commit. */
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import type { BookmarkAccess } from '../../engines/jobs/host.ts'
import { idOf, readingOf } from './bookmarkStates.ts'
import { commitBookmark, committedUntil, latestBookmark } from './bookmarks.ts'
import type { JobRun } from './jobRunRecords.ts'
import { readObjects } from './readObjects.ts'

export function bookmarkHost(ctx: Context, run: JobRun): BookmarkAccess {
  return {
    begin: () => ({ version: latestBookmark(ctx, run.jobName)?.version ?? 0 }),

    async list({ source, bucket, prefix, from, to }) {
      const place = `${bucket}/${prefix}`
      const before = from ? committedUntil(ctx, run.jobName, from) : latestBookmark(ctx, run.jobName)
      const { account, region } = ctx
      const known = from ? undefined : ctx.use(readObjects).of({ account, region, name: run.jobName }, source, place)
      const wasRead = readingOf(before?.sources[source]?.[place], known)
      // A range ends where an earlier run ended: what that run had not read is left for later.
      const isWithin = to ? readingOf(committedUntil(ctx, run.jobName, to)?.sources[source]?.[place]) : () => true
      const found = await ctx
        .use(lake)
        .list({ scope: { account, region }, bucket, prefix }, (object) => !wasRead(object) && isWithin(object))
      const files = found.map((object) => {
        const { key, bytes, modifiedAt } = object
        return { key, bytes, modifiedAt, id: idOf(object) }
      })
      return { place, files }
    },

    keys({ source, place, from, to }) {
      const before = from ? committedUntil(ctx, run.jobName, from) : latestBookmark(ctx, run.jobName)
      const after = before?.keys?.[source]?.[place]
      const until = to ? committedUntil(ctx, run.jobName, to)?.keys?.[source]?.[place] : undefined
      return { ...(after && { after }), ...(until && { until }) }
    },

    async commit(version, read) {
      const committed = await ctx.commit((tx) => commitBookmark(tx, run, { version, ...read }))
      return { version: committed.version }
    },
  }
}
