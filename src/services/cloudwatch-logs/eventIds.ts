/** Ids of events: 56 digits, always the same for the same event, so that clients tell repeats by them. */
import { createHash } from 'node:crypto'
import type { LogEvent } from './eventOrder.ts'

export function eventId({
  timestamp,
  streamId,
  number,
  index,
}: Pick<LogEvent, 'timestamp' | 'streamId' | 'number' | 'index'>): string {
  const hash = createHash('sha1').update(`${streamId}/${number}/${index}`).digest('hex')
  const digits = (BigInt(`0x${hash}`) % 10n ** 42n).toString().padStart(42, '0')
  return String(timestamp).padStart(14, '3') + digits
}
