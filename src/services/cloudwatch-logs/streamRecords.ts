/** A log stream's record: where it begins and ends in time, and how many batches it got. */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'

export interface LogStream {
  groupId: string
  name: string
  id: string
  createdAt: Millis
  firstEventAt?: Millis
  lastEventAt?: Millis
  lastIngestedAt?: Millis
  /** Batches so far: the next one's number is one more. */
  batches: number
}

export const streams = collection<LogStream>('logs/streams', {
  version: 1,
  key: (stream) => [stream.groupId, stream.name],
})
