/** How long a stream keeps a record, also when it was switched off; and the rows that say when it is looked at. */
import { type Due, dueQueue } from '../../delivery/due.ts'

export const streamKeptMillis = 24 * 3_600_000

export interface StreamTrim extends Due {
  tableName: string
  label: string
}

/** By the stream's id. */
export const streamTrims = dueQueue<StreamTrim>('dynamodb/stream-trims')
