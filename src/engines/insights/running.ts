/**
 * Runs a compiled query: blocks of events flow into a DuckDB of the query's own, some megabytes at a time, which keeps of
 * them what passes the filters and what the query names, and spills what is too much for its memory; the result flows out.
 */
import type { Connection, EngineFunction } from '../sql/duckdb.ts'
import type { Feed, FeedRow } from '../sql/feed.ts'
import type { SpareDatabase } from '../sql/spareDatabase.ts'
import { blockRow, fedColumns, type OriginatedBlock } from './blockRows.ts'
import type { CompiledQuery, SourcePlan } from './compiler.ts'
import { lookupColumn, lookupRows, type NeededLookup } from './lookups.ts'
import { macroStatements } from './macros.ts'
import { insightsNatives } from './natives.ts'

/** Some events of those that were looked at: who reads may leave out what has none of the plan's texts. */
export interface EventBatch {
  block?: OriginatedBlock
  scanned: number
  /** Of the scanned messages. */
  bytes: number
  /** Called when the block was taken over: its bytes may then be written over. */
  release?: () => void
}

export interface EventReader {
  read: ReadEvents
  pointerTo(place: number): string
  lookupTable(name: string): LookupTable
}

/** Rows of texts under a header. */
export interface LookupTable {
  header: readonly string[]
  rows: readonly (readonly string[])[]
}

/** Events of one source, in any order; `era` 1 is the time that `diff` compares with. */
export type ReadEvents = (plan: SourcePlan, era: 0 | 1) => AsyncIterable<EventBatch>

export interface ScanStatistics {
  recordsScanned: number
  bytesScanned: number
  recordsMatched: number
}

/** So much is fed to one statement, while the next is read. */
const roundBytesMax = 8 * 1024 * 1024
const roundRowsMax = 4096

interface Round {
  rows: FeedRow[]
  releases: (() => void)[]
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
  async *rows(engines: SpareDatabase): AsyncGenerator<(string | null)[][]> {
    const database = await engines.open({ folders: [], isUnordered: true })
    const connection = await database.connect()
    this.#connection = connection
    try {
      for (const native of insightsNatives()) connection.register(native)
      connection.register(this.#pointerFunction)
      await connection.execute(macroStatements.join(';'))
      for (const lookup of this.#query.lookups) await this.#makeLookup(connection, lookup)
      for (const plan of this.#query.sources) await this.#keep(connection, plan)
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

  async #makeLookup(connection: Connection, needed: NeededLookup): Promise<void> {
    const { header, rows } = this.#reader.lookupTable(needed.table)
    const names = needed.columns.map((_, i) => lookupColumn(needed.name, i))
    const feed = connection.feed(`${needed.name}_feed`, Object.fromEntries(names.map((name) => [name, 'VARCHAR'])))
    feed.rows = lookupRows(header, rows, needed)
    await connection.execute(`CREATE TABLE ${needed.name} AS SELECT * FROM ${needed.name}_feed()`)
  }

  async #keep(connection: Connection, plan: SourcePlan): Promise<void> {
    const { source, columns, keptTable, headSql, answerSql } = plan
    const feed = connection.feed(source.feed, fedColumns(columns))
    await connection.execute(`CREATE TABLE ${keptTable} AS ${headSql}`)
    const keepRound = await connection.prepare(`INSERT INTO ${keptTable} ${headSql}`)
    const eras = columns.includes('era') ? ([0, 1] as const) : ([0] as const)
    for (const era of eras) await this.#keepEra(plan, era, { feed, keepRound })
    if (answerSql) await connection.execute(answerSql)
    if (source.number > 0) return
    const [row] = plan.isFiltered ? await connection.all(`SELECT count(*) FROM ${keptTable}`) : []
    this.statistics.recordsMatched = row ? Number(row[0]) : this.statistics.recordsScanned
  }

  async #keepEra(
    plan: SourcePlan,
    era: 0 | 1,
    { feed, keepRound }: { feed: Feed; keepRound: () => Promise<void> },
  ): Promise<void> {
    let running = Promise.resolve()
    for await (const round of this.#rounds(plan, era)) {
      await running
      if (this.#isCancelled) throw new QueryCancelled()
      feed.rows = round.rows
      running = keepRound().then(() => {
        for (const release of round.releases) release()
      })
      // Who reads the next meanwhile may fail first.
      running.catch(() => undefined)
    }
    await running
  }

  async *#rounds(plan: SourcePlan, era: 0 | 1): AsyncGenerator<Round> {
    let round: Round = { rows: [], releases: [] }
    let bytes = 0
    for await (const { block, scanned, bytes: scannedBytes, release } of this.#reader.read(plan, era)) {
      if (this.#isCancelled) throw new QueryCancelled()
      this.statistics.recordsScanned += scanned
      this.statistics.bytesScanned += scannedBytes
      // Small batches come without a wait for the disk: others have their turn in between.
      await new Promise((resolve) => setImmediate(resolve))
      if (!block) continue
      round.rows.push(blockRow(plan.columns, block, era))
      if (release) round.releases.push(release)
      bytes += block.text.length
      if (bytes < roundBytesMax && round.rows.length < roundRowsMax) continue
      yield round
      round = { rows: [], releases: [] }
      bytes = 0
    }
    if (round.rows.length > 0) yield round
  }
}
