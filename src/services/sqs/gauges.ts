/** How full a queue is now, for CloudWatch's metrics of it. */
import type { QueueGauges } from '../../delivery/queueGauges.ts'
import { queues } from './queues.ts'
import { counts, messages } from './storage.ts'

export const gauges: QueueGauges = {
  read(reader, name, now) {
    const queue = reader.in(queues).get(name)
    if (!queue) return undefined
    const { storage } = queue
    const oldest = reader.in(messages).first({ prefix: [storage] })
    const oldestSeconds = oldest ? Math.max(0, Math.floor((now - oldest.sentAt) / 1000)) : 0
    return { ...counts((collection) => reader.in(collection), storage, now), oldestSeconds }
  },
}
