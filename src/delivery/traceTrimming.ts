/** Keeps the traces within `--traces-max`: the oldest go, each whole. */
import { hops, traceStarts, traceSubjects } from '../observe/traces.ts'
import type { Tx } from './context.ts'
import { type Due, dueQueue, worker } from './due.ts'
import { singleton } from './singleton.ts'

const trims = dueQueue<Due>('observe/trims')
const trimId = 'trim'
const nowhere = { account: '', region: '' }
/** A trim makes room for some more, so that not each new trace asks for one. */
const roomMax = 100
const forgottenAtOnceMax = 100

/** How many there are. Counting them takes as long as there are many, so it is done once a start. */
class TraceCount {
  /** Unknown until the disk was looked at; a commit that was refused makes it too great, never too small. */
  known: number | undefined

  reset(): void {
    this.known = undefined
  }
}

const traceCount = singleton('trace count', () => new TraceCount())

/** Called for each new trace. */
export function traceBegan(tx: Tx, tracesMax: number): void {
  const count = tx.use(traceCount)
  tx.afterApply(() => {
    if (count.known !== undefined) count.known++
  })
  if (count.known === undefined || count.known > tracesMax) {
    tx.at(nowhere).due(trims).put({ id: trimId, dueAt: tx.now })
  }
}

export const traceTrimmer = worker('observe/trims', {
  queue: trims,
  concurrency: 1,
  async run(item, ctx) {
    const { tracesMax } = ctx.options
    const count = ctx.use(traceCount)
    count.known ??= ctx.in(traceStarts).count()
    const room = Math.min(roomMax, Math.floor(tracesMax / 10))
    const excess = count.known > tracesMax ? count.known - tracesMax + room : 0
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
      tx.afterApply(() => {
        if (count.known !== undefined) count.known -= forgotten.length
      })
      if (oldest.length > 0 && excess > oldest.length) tx.due(trims).put({ ...item, dueAt: tx.now })
      else tx.due(trims).delete(item.id)
    })
  },
})
