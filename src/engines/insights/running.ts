/**
 * Runs a compiled query: events flow into a DuckDB of the query's own, which holds what the query names and spills what
 * is too much for its memory; the result flows out.
 */
import type { Appender, Connection, EngineFunction } from '../sql/duckdb.ts'
import type { SpareDatabase } from '../sql/spareDatabase.ts'
import { bodyOf } from './bodies.ts'
import type { CompiledQuery, SourceNeed } from './compiler.ts'
import { type EventColumn, eventColumns } from './eventSource.ts'
import { macroStatements } from './macros.ts'
import { insightsNatives } from './natives.ts'

export interface InsightsEvent {
  timestamp: number
  ingestionTime: number
  message: string
  stream: string
  group: string
  /** Where it lies, as who reads it counts: its pointer is made of it only when it is shown. */
  place: number
}

/** Some events of those that were looked at: who reads may leave out what has none of the need's texts. */
export interface EventBatch {
  events: readonly InsightsEvent[]
  scanned: number
  /** Of the scanned messages. */
  bytes: number
}

export interface EventReader {
  read: ReadEvents
  pointerTo(place: number): string
}

/** Events of one source, in any order; `era` 1 is the time that `diff` compares with. */
export type ReadEvents = (need: SourceNeed, era: 0 | 1) => AsyncIterable<EventBatch>

export interface ScanStatistics {
  recordsScanned: number
  bytesScanned: number
  recordsMatched: number
}

export class QueryCancelled extends Error {}

export class InsightsRun {
  readonly statistics: ScanStatistics = { recordsScanned: 0, bytesScanned: 0, recordsMatched: 0 }
  readonly #query: CompiledQuery
  readonly #reader: EventReader
  #connection: Connection | undefined
  #isCancelled = false

  constructor(query: CompiledQuery, reader: EventReader) {
    this.#query = query
    this.#reader = reader
  }

  /** Ends it: whoever waits for its rows gets QueryCancelled. */
  cancel(): void {
    this.#isCancelled = true
    this.#connection?.interrupt()
  }

  /** Rows of text, NULL for what is missing. The database is given up when they have been read or left. */
  async *rows(engines: SpareDatabase, spillFolder?: string): AsyncGenerator<(string | null)[][]> {
    const database = await engines.open({ folders: [], ...(spillFolder !== undefined && { spillFolder }) })
    const connection = await database.connect()
    this.#connection = connection
    try {
      for (const native of insightsNatives()) connection.register(native)
      connection.register(this.#pointerFunction)
      await connection.execute(macroStatements.join(';'))
      for (const need of this.#query.sources) await this.#fill(connection, need)
      await this.#keepMatched(connection)
      const result = await connection.query(this.#query.sql)
      for await (const rows of result.rows()) yield rows as (string | null)[][]
    } catch (error) {
      throw this.#isCancelled ? new QueryCancelled() : error
    } finally {
      this.#connection = undefined
      connection.close()
      engines.discard(database)
    }
  }

  get #pointerFunction(): EngineFunction {
    const call = (place: bigint) => this.#reader.pointerTo(Number(place))
    return { name: 'igp_pointer', parameters: ['BIGINT'], returns: 'VARCHAR', call }
  }

  async #fill(connection: Connection, need: SourceNeed): Promise<void> {
    const table = `events${need.source.number}`
    const columns = need.columns.map((column) => `${column} ${eventColumns[column]}`)
    await connection.execute(`CREATE TABLE ${table} (${columns.join(', ')})`)
    const appender = await connection.appender(
      table,
      need.columns.map((column) => eventColumns[column]),
    )
    try {
      const eras = need.columns.includes('era') ? ([0, 1] as const) : ([0] as const)
      for (const era of eras) await this.#fillEra(appender, need, era)
    } finally {
      appender.close()
    }
  }

  async #fillEra(appender: Appender, need: SourceNeed, era: 0 | 1): Promise<void> {
    for await (const { events, scanned, bytes } of this.#reader.read(need, era)) {
      if (this.#isCancelled) throw new QueryCancelled()
      this.statistics.recordsScanned += scanned
      this.statistics.bytesScanned += bytes
      // Small batches come without a wait for the disk: others have their turn in between.
      await new Promise((resolve) => setImmediate(resolve))
      const wanted = wantedOf(events, need.anyOf)
      if (wanted.length > 0) appender.append(need.columns.map((column) => valuesOf(column, wanted, era)))
    }
  }

  async #keepMatched(connection: Connection): Promise<void> {
    const { headSql, headTable } = this.#query
    this.statistics.recordsMatched = this.statistics.recordsScanned
    if (headSql === undefined) return
    await connection.execute(headSql)
    const [row] = await connection.all(`SELECT count(*) FROM ${headTable}`)
    this.statistics.recordsMatched = Number(row?.[0] ?? 0)
  }
}

function wantedOf(events: readonly InsightsEvent[], anyOf: readonly string[] | undefined): readonly InsightsEvent[] {
  if (!anyOf) return events
  const [one = '', other] = anyOf
  // The common cases, one text or one and an escape, without an inner loop.
  if (anyOf.length === 1) return events.filter(({ message }) => message.includes(one))
  if (anyOf.length === 2 && other !== undefined) {
    return events.filter(({ message }) => message.includes(one) || message.includes(other))
  }
  return events.filter(({ message }) => anyOf.some((text) => message.includes(text)))
}

function valuesOf(
  column: EventColumn,
  events: readonly InsightsEvent[],
  era: number,
): (string | number | bigint | null)[] {
  switch (column) {
    case 'ts':
      return events.map(({ timestamp }) => BigInt(timestamp))
    case 'ingested':
      return events.map(({ ingestionTime }) => BigInt(ingestionTime))
    case 'message':
      return events.map(({ message }) => message)
    case 'body':
      return events.map(({ message, group }) => bodyOf(message, group) ?? null)
    case 'stream':
      return events.map(({ stream }) => stream)
    case 'grp':
      return events.map(({ group }) => group)
    case 'place':
      return events.map(({ place }) => BigInt(place))
    case 'era':
      return events.map(() => era)
  }
}
