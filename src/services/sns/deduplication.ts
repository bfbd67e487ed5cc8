/** FIFO topics take a message once: the same deduplication id within five minutes is answered, not sent again. */
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import type { Published } from './publishing.ts'

interface Seen {
  topic: string
  key: string
  until: number
  published: Published
}

const seen = collection<Seen>('sns/seen', { version: 1, key: ({ topic, key }) => [topic, key] })

/** The same by time, so that what is over can be forgotten. */
const seenByTime = collection<Omit<Seen, 'published'>>('sns/seen-by-time', {
  version: 1,
  key: ({ topic, until, key }) => [topic, until, key],
})

const windowMillis = 5 * 60_000
const forgottenAtOnceMax = 10

export function publishedBefore(tx: Tx, topic: string, key: string): Published | undefined {
  const found = tx.in(seen).get(topic, key)
  return found && found.until > tx.now ? found.published : undefined
}

/** Each publish forgets a few that are over, so that the memory stays as long as the window. */
export function rememberPublished(tx: Tx, topic: string, key: string, published: Published): void {
  const over = [...tx.in(seenByTime).list({ prefix: [topic], before: [topic, tx.now], limit: forgottenAtOnceMax })]
  for (const entry of over) {
    tx.in(seenByTime).delete(topic, entry.until, entry.key)
    if (tx.in(seen).get(topic, entry.key)?.until === entry.until) tx.in(seen).delete(topic, entry.key)
  }
  const until = tx.now + windowMillis
  tx.in(seen).put({ topic, key, until, published })
  tx.in(seenByTime).put({ topic, until, key })
}
