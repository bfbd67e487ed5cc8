/**
 * How many messages of a standard queue are in flight: never more than 120,000. Counting costs a step for each, and
 * their number falls by itself as time goes by; so a bound from above is kept in memory, and only where it reaches the
 * limit is counted anew.
 */
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { counts } from './storage.ts'

/** SQS Developer Guide, "Amazon SQS quotas". */
export const inFlightLimit = singleton('sqs in-flight limit', () => ({ most: 120_000 }))
const queuesMax = 10_000

const bounds = singleton('sqs in-flight bounds', () => new Map<string, number>())

/** Whether the queue may give out `more`; counts them as given. */
export function hasRoomInFlight(tx: Tx, storage: string, more: number): boolean {
  const all = tx.use(bounds)
  const { most } = tx.use(inFlightLimit)
  let bound = all.get(storage)
  if (bound === undefined || bound + more > most) {
    bound = counts((of) => tx.in(of), storage, tx.now).inFlight
  }
  if (all.size >= queuesMax) all.clear()
  const isRoom = bound + more <= most
  all.set(storage, isRoom ? bound + more : bound)
  return isRoom
}
