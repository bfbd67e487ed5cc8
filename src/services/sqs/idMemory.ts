/** What a queue remembers by an id for five minutes, and by time too, so that what is over can be forgotten. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Collection, collection } from '../../store/collection.ts'

interface Remembered {
  storage: string
  id: string
  until: Millis
}

export interface IdMemory<E extends Remembered> {
  entries: Collection<E>
  byTime: Collection<Remembered>
}

const windowMillis = 5 * 60_000
const forgottenAtOnceMax = 10

/** `name` is the collection's; its twin by time is `<name>-by-time`. */
export function idMemory<E extends Remembered>(name: string): IdMemory<E> {
  const ofAll = { version: 1, scope: 'global' } as const
  return {
    entries: collection<E>(name, { ...ofAll, key: ({ storage, id }) => [storage, id] }),
    byTime: collection<Remembered>(`${name}-by-time`, {
      ...ofAll,
      key: ({ storage, until, id }) => [storage, until, id],
    }),
  }
}

export function recall<E extends Remembered>(
  tx: Tx,
  { entries }: IdMemory<E>,
  { storage, id }: { storage: string; id: string },
): E | undefined {
  const found = tx.in(entries).get(storage, id)
  return found && found.until > tx.now ? found : undefined
}

/** Each time forgets a few that are over, so that the memory stays as long as the window. `entryUntil` makes the entry. */
export function remember<E extends Remembered>(
  tx: Tx,
  { entries, byTime }: IdMemory<E>,
  storage: string,
  entryUntil: (until: Millis) => E,
): void {
  const range = { prefix: [storage], before: [storage, tx.now], limit: forgottenAtOnceMax }
  for (const over of [...tx.in(byTime).list(range)]) {
    tx.in(byTime).delete(storage, over.until, over.id)
    if (tx.in(entries).get(storage, over.id)?.until === over.until) tx.in(entries).delete(storage, over.id)
  }
  const entry = entryUntil(tx.now + windowMillis)
  tx.in(entries).put(entry)
  tx.in(byTime).put({ storage, until: entry.until, id: entry.id })
}

/** Up to `most` of what a storage remembers; true where nothing is left. */
export function forgetMemory<E extends Remembered>(
  tx: Tx,
  { entries, byTime }: IdMemory<E>,
  storage: string,
  most: number,
): boolean {
  const found = [...tx.in(entries).list({ prefix: [storage], limit: most })]
  const foundByTime = [...tx.in(byTime).list({ prefix: [storage], limit: most })]
  for (const { id } of found) tx.in(entries).delete(storage, id)
  for (const { until, id } of foundByTime) tx.in(byTime).delete(storage, until, id)
  return found.length < most && foundByTime.length < most
}
