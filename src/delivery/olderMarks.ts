/** Stores of version 0.1 marked due rows by time alone. Such marks move into the lane that has no name. */
import { collection } from '../store/collection.ts'
import type { Store } from '../store/store.ts'
import type { Due, DueMark, DueQueue } from './due.ts'

const anywhere = { account: '', region: '' }

/** `moved` is told when the first of them is due, once they are on disk. */
export function moveOlderMarks(store: Store, queue: DueQueue<Due>, moved: (firstDueAt: number) => void): void {
  const older = collection<Omit<DueMark, 'lane'>>(`due-order/${queue.name}`, {
    version: 1,
    scope: 'global',
    key: ({ dueAt, scope, id }) => [dueAt, scope.account, scope.region, id],
  })
  const first = store.in(older, anywhere).first()
  if (!first) return
  const moving = store.commit((tx) => {
    const before = tx.in(older, anywhere)
    for (const mark of [...before.list()]) {
      before.delete(mark.dueAt, mark.scope.account, mark.scope.region, mark.id)
      tx.in(queue.order, anywhere).put({ ...mark, lane: '' })
    }
  })
  // A disk that refuses now refuses everything; the marks are moved at the next start.
  moving.then(() => moved(first.dueAt)).catch(() => undefined)
}
