/** Keeps the traces within `--traces-max`: the oldest go, each whole. */
import {
  type PartKeys,
  partKeys,
  subjectsOf,
  type TraceStart,
  traceParts,
  traceStarts,
  traceSubjects,
} from '../observe/traces.ts'
import type { Context, Tx } from './context.ts'
import { worker } from './due.ts'
import { traceLedger, trims } from './traceLedger.ts'

/** A trim makes room for some more, so that not each new trace asks for one. */
const roomMax = 100
/** In one commit: the event loop waits for it. */
const forgottenAtOnceMax = 32

export const traceTrimmer = worker('observe/trims', {
  queue: trims,
  concurrency: 1,
  async run(item, ctx) {
    const { tracesMax } = ctx.options
    const ledger = ctx.use(traceLedger)
    ledger.count ??= ctx.in(traceStarts).count()
    const room = Math.min(roomMax, Math.floor(tracesMax / 10))
    const excess = ledger.count > tracesMax ? ledger.count - tracesMax + room : 0
    // One row put back for the same moment would look untouched where a virtual clock stands still.
    for (let left = excess; left > 0; left -= forgottenAtOnceMax) await forgetOldest(ctx, left)
    await ctx.commit((tx) => tx.due(trims).delete(item.id))
  },
})

async function forgetOldest(ctx: Context, wanted: number): Promise<void> {
  const ledger = ctx.use(traceLedger)
  const oldest = [...ctx.in(traceStarts).list({ limit: Math.min(wanted, forgottenAtOnceMax) })]
  await ctx.commit((tx) => {
    for (const start of oldest) {
      forget(tx, start)
      tx.afterApply(() => ledger.forget(start.traceId))
    }
  })
}

function forget(tx: Tx, { startedAt, traceId, first }: TraceStart): void {
  tx.in(traceStarts).delete(startedAt, traceId)
  if (first) forgetPart(tx, traceId, first)
  for (const part of tx.in(traceParts).list({ prefix: [traceId] })) {
    forgetPart(tx, traceId, partKeys(part, subjectsOf(part)))
  }
}

function forgetPart(tx: Tx, traceId: string, { id, subjects }: PartKeys): void {
  tx.in(traceParts).delete(traceId, id)
  for (const [subject, startedAt] of subjects) tx.in(traceSubjects).delete(subject, startedAt, traceId)
}
