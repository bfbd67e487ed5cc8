/** Blocks of events as rows that are fed to DuckDB: of each block what the query's columns are made of. */
import type { FeedRow, FeedType } from '../sql/feed.ts'
import type { BlockOrigin, EventBlock } from './eventBlocks.ts'
import type { EventColumn } from './eventSource.ts'

export type OriginatedBlock = EventBlock & BlockOrigin

interface Part {
  type: FeedType
  of(block: OriginatedBlock, era: 0 | 1): FeedRow[number]
}

const parts = {
  times: { type: 'DOUBLE[]', of: ({ timestamps }) => timestamps },
  messages: { type: 'VARCHAR', of: ({ text }) => text },
  separator: { type: 'VARCHAR', of: ({ separator }) => separator },
  place: { type: 'BIGINT', of: ({ place }) => place },
  amount: { type: 'BIGINT', of: ({ count }) => count },
  ingested: { type: 'BIGINT', of: ({ ingestionTime }) => ingestionTime },
  stream: { type: 'VARCHAR', of: ({ stream }) => stream },
  grp: { type: 'VARCHAR', of: ({ group }) => group },
  era: { type: 'BIGINT', of: (_, era) => era },
} satisfies Record<string, Part>

const partsOf: Record<EventColumn, readonly (keyof typeof parts)[]> = {
  ts: ['times'],
  message: ['messages', 'separator'],
  place: ['place', 'amount'],
  ingested: ['ingested'],
  stream: ['stream'],
  grp: ['grp'],
  era: ['era'],
}

export function fedColumns(columns: readonly EventColumn[]): Record<string, FeedType> {
  return Object.fromEntries(columns.flatMap((column) => partsOf[column]).map((name) => [name, parts[name].type]))
}

export function blockRow(columns: readonly EventColumn[], block: OriginatedBlock, era: 0 | 1): FeedRow {
  return columns.flatMap((column) => partsOf[column]).map((name) => (parts[name] as Part).of(block, era))
}
