/** Keeps the traces within `--traces-max`: the oldest go, each whole. */
import { hops, traceStarts, traceSubjects } from '../observe/traces.ts'
import type { Tx } from './context.ts'
import { type Due, dueQueue, worker } from './due.ts'
import { singleton } from './singleton.ts'

const trims = dueQueue<Due>('observe/trims')
const trimId = 'trim'
const nowhere = { account: '', region: '' }
/** Looking how many there are costs more than adding one, so it is done once in so many. */
const lookEvery = 100
const forgottenAtOnceMax = 100

const begun = singleton('traces begun', () => ({ count: 0 }))

/** Called for each new trace. The first after a start looks too: what a stop left over is trimmed then. */
export function traceBegan(tx: Tx, tracesMax: number): void {
  const traces = tx.use(begun)
  if (traces.count++ % Math.min(lookEvery, Math.max(1, tracesMax)) === 0) {
    tx.at(nowhere).due(trims).put({ id: trimId, dueAt: tx.now })
  }
}

export const traceTrimmer = worker('observe/trims', {
  queue: trims,
  concurrency: 1,
  async run(item, ctx) {
    const excess = ctx.in(traceStarts).count() - ctx.options.tracesMax
    const oldest = excess > 0 ? [...ctx.in(traceStarts).list({ limit: Math.min(excess, forgottenAtOnceMax) })] : []
    const forgotten = oldest.map((start) => ({ start, parts: [...ctx.in(hops).list({ prefix: [start.traceId] })] }))
    await ctx.commit((tx) => {
      for (const { start, parts } of forgotten) {
        tx.in(traceStarts).delete(start.startedAt, start.traceId)
        for (const { traceId, id, startedAt, subjects = [] } of parts) {
          tx.in(hops).delete(traceId, id)
          for (const subject of subjects) tx.in(traceSubjects).delete(subject, startedAt, traceId)
        }
      }
      if (excess > forgotten.length) tx.due(trims).put({ ...item, dueAt: tx.now })
      else tx.due(trims).delete(item.id)
    })
  },
})
