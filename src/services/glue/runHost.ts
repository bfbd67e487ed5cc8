/** What a run may ask for, answered by the lake and by this service's own operations. */
import type { Context } from '../../delivery/context.ts'
import { type LakeView, lake } from '../../delivery/lake.ts'
import type { RunHost } from '../../engines/jobs/host.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { bookmarkHost } from './bookmarkHost.ts'
import { jobQualityHost } from './dataQualityPublishing.ts'
import type { JobRun } from './jobRunRecords.ts'

export interface OpenedHost extends RunHost {
  /** Gives back the links that the run was handed. */
  close(): Promise<void>
}

type GlueCall = (input: object) => Promise<object>

export function runHost(ctx: Context, run: JobRun): OpenedHost {
  return { ...plainHost(ctx, run.hop), bookmarks: bookmarkHost(ctx, run), quality: jobQualityHost(ctx, run) }
}

/** A host of runs that are no job's. What they write hangs below a hop, where there is one. */
export function plainHost(ctx: Context, trace?: TraceRef): OpenedHost {
  const views: LakeView[] = []
  const scope = { account: ctx.account, region: ctx.region }
  return {
    lake: {
      list: async (bucket, prefix) => ({ files: await ctx.use(lake).list({ scope, bucket, prefix }) }),
      async open(bucket, keys) {
        const view = await ctx.use(lake).open({ scope, bucket, prefix: '' }, { names: 'numbered', keys })
        views.push(view)
        return { files: view.files.map(({ key, path }) => ({ key, path })) }
      },
      async commit(bucket, puts, deletes) {
        const files = puts.map(({ key, path }) => ({ key, path, contentType: 'application/octet-stream' }))
        const written = { scope, bucket, files, delete: { keys: [...deletes] } }
        await ctx.use(lake).commit({ ...written, ...(trace && { trace }) })
      },
    },
    async glue(operation, input) {
      const calls = ctx.call('glue') as unknown as Record<string, GlueCall>
      return (calls[operation] as GlueCall)(input)
    },
    async close() {
      for (const view of views) await view.close()
    },
  }
}
