/**
 * Events on their way to DuckDB: many of one stream, their times and messages as bytes that it takes as they are. It
 * makes rows of them itself, on threads of its own.
 */

export interface EventBlock {
  count: number
  /** Milliseconds, as little-endian doubles. */
  timestamps: Uint8Array
  /** The messages in UTF-8, with the separator between them. */
  text: Uint8Array
  /** In none of the messages. */
  separator: string
}

/** Where a block's events come from. */
export interface BlockOrigin {
  ingestionTime: number
  stream: string
  group: string
  /** The first event's: where it lies, as who reads it counts. Pointers are made of places only when they are shown. */
  place: number
}

export function blockOf(events: readonly { timestamp: number; message: string }[]): EventBlock {
  const timestamps = new Uint8Array(Float64Array.from(events, ({ timestamp }) => timestamp).buffer)
  return { count: events.length, timestamps, ...joinedMessages(events.map(({ message }) => message)) }
}

export function joinedMessages(messages: readonly string[]): Pick<EventBlock, 'text' | 'separator'> {
  let separator = '\x1e'
  // A longer one is in none of them at last, and does not overlap itself.
  while (messages.some((message) => message.includes(separator))) separator += '\x1f'
  return { text: Buffer.from(messages.join(separator)), separator }
}
