/** What a FIFO queue remembers of ids (deduplication.ts, attempts.ts) is forgotten when it is deleted or purged. */
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { attempts } from './attempts.ts'
import { seen } from './deduplication.ts'
import { forgetMemory } from './idMemory.ts'

interface Memory extends Due {
  storage: string
}

const memories = dueQueue<Memory>('sqs/memories')
const forgottenAtOnceMax = 1_000

export function forgetLater(tx: Tx, storage: string): void {
  tx.due(memories).put({ id: storage, storage, dueAt: tx.now })
}

/** It only deletes, so running twice is harmless. */
export const fifoMemoryWorker = worker('sqs/memories', {
  queue: memories,
  concurrency: 1,
  async run(memory, ctx) {
    let isOver = false
    while (!isOver) isOver = await ctx.commit((tx) => forgetSome(tx, memory))
  },
})

function forgetSome(tx: Tx, { id, storage }: Memory): boolean {
  const seenOver = forgetMemory(tx, seen, storage, forgottenAtOnceMax)
  const attemptsOver = forgetMemory(tx, attempts, storage, forgottenAtOnceMax)
  const isOver = seenOver && attemptsOver
  if (isOver) tx.due(memories).delete(id)
  return isOver
}
