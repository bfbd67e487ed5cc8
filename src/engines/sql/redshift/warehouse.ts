/**
 * One Redshift database: a DuckDB file that outlives the server. Statements run in one transaction together with a row
 * in the ledger that says so: after a kill the ledger tells whether they were committed, so that nothing runs twice.
 * Changes run one at a time, as under Redshift's table locks; a transaction is on disk when COMMIT returns.
 */

import type { LinkedTable } from '../athena/athenaQuery.ts'
import { type ColumnType, columnType } from '../columnTypes.ts'
import { quoteName, quoteText } from '../cursor.ts'
import { type Connection, Database, type OpenSettings, type Value } from '../duckdb.ts'
import { SqlError } from '../sqlError.ts'
import { tableRelation } from '../tableFiles.ts'
import { CopyFailed, type CopySource, copyInto } from './copyLoad.ts'
import type { TableName } from './dialect.ts'
import { redshiftMacros } from './redshiftDialect.ts'
import { type Parsed, parseRedshift, type RedshiftStatement } from './redshiftStatements.ts'
import { createTable, recordQueryColumns, schemaSql, systemTables } from './tableDefinitions.ts'

/** How the warehouse reaches the lake: COPY's objects, and the Catalog's tables for external schemas. */
export interface LakeAccess {
  objects(uri: string, options: { manifest: boolean }): Promise<CopySource>
  text(uri: string): Promise<string>
  table(database: string, table: string): Promise<{ linked: LinkedTable; close(): Promise<void> }>
}

export interface StatementOutcome {
  /** Of a SELECT: the columns, and how many rows were handed to `onRows`. */
  columns?: { name: string; type: ColumnType }[]
  rows: number
  /** Warnings and COPY's message. */
  notice?: string
}

export interface RunSettings {
  id: string
  now: string
  parameters: Map<string, string>
  lake: LakeAccess
  /** Rows of the statement at this place. */
  onRows(index: number, rows: Value[][], columns: { name: string; type: ColumnType }[]): Promise<void> | void
  /** Everything ran, nothing is committed: what must be on disk before. */
  beforeCommit?(): Promise<void>
  onCancel?(cancel: () => void): void
}

export class Warehouse {
  readonly #database: Database
  #writes: Promise<unknown> = Promise.resolve()

  private constructor(database: Database) {
    this.#database = database
  }

  static async open(
    settings: Required<Pick<OpenSettings, 'path' | 'folders' | 'spillFolder' | 'limits'>>,
  ): Promise<Warehouse> {
    const database = await Database.open({ ...settings, integerDivision: true })
    const connection = await database.connect()
    for (const sql of schemaSql) await connection.execute(sql)
    for (const macro of redshiftMacros) await connection.execute(`CREATE OR REPLACE MACRO ${macro}`)
    connection.close()
    return new Warehouse(database)
  }

  close(): void {
    this.#database.close()
  }

  /** What the statements of this id came to, if they were committed. */
  async committed(id: string): Promise<StatementOutcome[] | undefined> {
    const connection = await this.#database.connect()
    try {
      const [row] = await connection.all(`SELECT outcome FROM igarape.ledger WHERE id = ${quoteText(id)}`)
      return row ? (JSON.parse(String(row[0])) as StatementOutcome[]) : undefined
    } finally {
      connection.close()
    }
  }

  /** Runs statements as one transaction: all of them, or none. Errors: SqlError, with `statementIndex`. */
  async run(statements: readonly string[], settings: RunSettings): Promise<StatementOutcome[]> {
    const onlyReads = statements.every((sql) => /^\s*(select|with)\b/i.test(sql))
    if (onlyReads) return this.#transaction(statements, settings)
    const turn = this.#writes.then(() => this.#transaction(statements, settings))
    this.#writes = turn.catch(() => undefined)
    return turn
  }

  /** A query of our own, outside any statement. */
  async read(sql: string, lake: LakeAccess): Promise<Value[][]> {
    const rows: Value[][] = []
    const connection = await this.#database.connect()
    const session = new Session(connection, {
      id: '',
      now: '1970-01-01 00:00:00',
      parameters: new Map(),
      lake,
      onRows: (_, batch) => void rows.push(...batch),
    })
    try {
      await session.loadSchemas()
      await session.run(sql, 0, 1)
      return rows
    } finally {
      await session.close()
      connection.close()
    }
  }

  async #transaction(statements: readonly string[], settings: RunSettings): Promise<StatementOutcome[]> {
    const connection = await this.#database.connect()
    const session = new Session(connection, settings)
    settings.onCancel?.(() => connection.interrupt())
    const outcomes: StatementOutcome[] = []
    try {
      await connection.execute('BEGIN TRANSACTION')
      await session.loadSchemas()
      for (const [index, sql] of statements.entries()) {
        try {
          outcomes.push(await session.run(sql, index, statements.length))
        } catch (error) {
          if (error instanceof SqlError) throw Object.assign(error, { statementIndex: index })
          throw error
        }
      }
      await settings.beforeCommit?.()
      await connection.execute(
        `INSERT INTO igarape.ledger VALUES (${quoteText(settings.id)}, ${quoteText(JSON.stringify(outcomes))})`,
      )
      await connection.execute('COMMIT')
      return outcomes
    } catch (error) {
      await connection.execute('ROLLBACK').catch(() => undefined)
      if (error instanceof CopyFailed) await keepLoadErrors(connection, error)
      throw error
    } finally {
      await session.close()
      connection.close()
    }
  }
}

async function keepLoadErrors(connection: Connection, failed: CopyFailed): Promise<void> {
  for (const insert of failed.inserts) await connection.execute(insert)
}

/** One transaction's names: its temporary tables, its external tables, the schemas. */
class Session {
  readonly #connection: Connection
  readonly #settings: RunSettings
  readonly #temporary = new Set<string>()
  readonly #external = new Map<string, string>()
  readonly #attached = new Map<string, () => Promise<void>>()

  constructor(connection: Connection, settings: RunSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  async loadSchemas(): Promise<void> {
    this.#external.clear()
    for (const row of await this.#connection.all('SELECT name, database FROM igarape.external_schemas')) {
      this.#external.set(String(row[0]), String(row[1]))
    }
  }

  async close(): Promise<void> {
    for (const close of this.#attached.values()) await close()
  }

  async run(sql: string, index: number, count: number): Promise<StatementOutcome> {
    const parsed = parseRedshift(sql, {
      now: this.#settings.now,
      parameters: this.#settings.parameters,
      tableSql: (name) => this.tableSql(name),
    })
    await this.#attach(parsed)
    return this.#execute(parsed.statement, index, count)
  }

  tableSql(name: Pick<TableName, 'schema' | 'table'>): string {
    const { schema, table } = name
    if (schema === undefined && this.#temporary.has(table)) return quoteName(table)
    if (schema !== undefined && this.#external.has(schema)) return quoteName(externalName(schema, table))
    if ((schema === undefined || schema === 'pg_catalog') && systemTables.has(table))
      return `igarape.${quoteName(table)}`
    if (schema === 'information_schema' && systemTables.has(`information_schema_${table}`))
      return `igarape.${quoteName(`information_schema_${table}`)}`
    if (schema === 'igarape' || schema === 'pg_catalog' || schema === 'information_schema' || schema === 'main') {
      throw new SqlError(`ERROR: relation "${schema}.${table}" does not exist`)
    }
    return `${quoteName(schema ?? 'public')}.${quoteName(table)}`
  }

  /** Tables of external schemas become views over their linked files, for this transaction only. */
  async #attach(parsed: Parsed): Promise<void> {
    for (const { schema, table } of parsed.tables) {
      const database = schema === undefined ? undefined : this.#external.get(schema)
      if (schema === undefined || database === undefined || this.#attached.has(`${schema}.${table}`)) continue
      const opened = await this.#settings.lake.table(database, table)
      this.#attached.set(`${schema}.${table}`, opened.close)
      const relation = await tableRelation(opened.linked.table, opened.linked.groups, { connection: this.#connection })
      await this.#connection.execute(`CREATE TEMP VIEW ${quoteName(externalName(schema, table))} AS ${relation}`)
    }
  }

  async #execute(statement: RedshiftStatement, index: number, count: number): Promise<StatementOutcome> {
    const connection = this.#connection
    switch (statement.kind) {
      case 'query':
        return this.#select(statement.sql, index)
      case 'plan':
        return this.#plan(statement.sql, index)
      case 'change':
        return { rows: await connection.execute(statement.sql) }
      case 'ddl':
        await connection.execute(statement.sql)
        return { rows: 0 }
      case 'createTable':
        if (statement.temporary) this.#temporary.add(statement.place.table)
        await createTable(connection, statement, (place) => this.tableSql(place))
        return { rows: 0 }
      case 'createTableAs': {
        if (statement.temporary) this.#temporary.add(statement.place.table)
        const name = this.tableSql(statement.place)
        await connection.execute(`CREATE ${statement.temporary ? 'TEMP ' : ''}TABLE ${name} AS ${statement.query}`)
        if (!statement.temporary) await recordQueryColumns(connection, statement.place, name)
        return { rows: 0 }
      }
      case 'createView':
        await connection.execute(
          `CREATE ${statement.orReplace ? 'OR REPLACE ' : ''}VIEW ${this.tableSql(statement.place)} AS ${statement.query}`,
        )
        return { rows: 0 }
      case 'dropTable':
        return this.#drop(statement)
      case 'copy':
        return copyInto(connection, statement.command, { ...this.#settings, target: this.tableSql(statement.command) })
      case 'externalSchema':
        return this.#createExternalSchema(statement)
      case 'dropSchema':
        return this.#dropSchema(statement)
      case 'lock':
        // Changes run one at a time: the lock is held already. What is left is that the table has to be there.
        for (const table of statement.tables) await connection.all(`SELECT 1 FROM ${table} LIMIT 0`)
        return { rows: 0 }
      case 'transaction':
        return transactionWord(statement.word, index, count)
      case 'nothing':
        return { rows: 0 }
    }
  }

  async #select(sql: string, index: number): Promise<StatementOutcome> {
    const result = await this.#connection.query(sql)
    const columns = result.columns.map((column) => ({ name: column.name, type: columnType(column.type) }))
    let rows = 0
    await this.#settings.onRows(index, [], columns)
    for await (const batch of result.rows()) {
      rows += batch.length
      await this.#settings.onRows(index, batch, columns)
    }
    return { columns, rows }
  }

  /** A row for each line, under the name that Redshift gives the column. */
  async #plan(sql: string, index: number): Promise<StatementOutcome> {
    const told = await this.#connection.all(`EXPLAIN ${sql}`)
    const lines = told.flatMap(([, text]) => String(text).split('\n')).filter((line) => line.trim() !== '')
    const columns = [{ name: 'QUERY PLAN', type: { kind: 'scalar', name: 'varchar' } as ColumnType }]
    await this.#settings.onRows(
      index,
      lines.map((line) => [line]),
      columns,
    )
    return { columns, rows: lines.length }
  }

  async #drop(statement: Extract<RedshiftStatement, { kind: 'dropTable' }>): Promise<StatementOutcome> {
    for (const place of statement.places) {
      await this.#connection.execute(
        `DROP ${statement.view ? 'VIEW' : 'TABLE'} ${statement.ifExists ? 'IF EXISTS ' : ''}${this.tableSql(place)}`,
      )
      if (place.schema === undefined && this.#temporary.delete(place.table)) continue
      const where = `schema = ${quoteText(place.schema ?? 'public')} AND "table" = ${quoteText(place.table)}`
      await this.#connection.execute(`DELETE FROM igarape.columns WHERE ${where}`)
      await this.#connection.execute(
        `DROP SEQUENCE IF EXISTS igarape.${quoteName(`${place.schema ?? 'public'}.${place.table}`)}`,
      )
    }
    return { rows: 0 }
  }

  async #createExternalSchema(
    statement: Extract<RedshiftStatement, { kind: 'externalSchema' }>,
  ): Promise<StatementOutcome> {
    const exists = this.#external.has(statement.name)
    if (exists && !statement.ifNotExists) throw new SqlError(`ERROR: schema "${statement.name}" already exists`)
    if (!exists) {
      await this.#connection.execute(
        `INSERT INTO igarape.external_schemas VALUES (${quoteText(statement.name)}, ${quoteText(statement.database)})`,
      )
      await this.loadSchemas()
    }
    return { rows: 0 }
  }

  async #dropSchema(statement: Extract<RedshiftStatement, { kind: 'dropSchema' }>): Promise<StatementOutcome> {
    if (this.#external.has(statement.name)) {
      await this.#connection.execute(`DELETE FROM igarape.external_schemas WHERE name = ${quoteText(statement.name)}`)
      await this.loadSchemas()
    } else
      await this.#connection.execute(
        `DROP SCHEMA ${statement.ifExists ? 'IF EXISTS ' : ''}${quoteName(statement.name)}${statement.cascade ? ' CASCADE' : ''}`,
      )
    return { rows: 0 }
  }
}

/** A batch is one transaction already: BEGIN may open it and COMMIT may close it, nothing else. */
function transactionWord(word: string, index: number, count: number): StatementOutcome {
  if ((word === 'BEGIN' && index === 0) || (word === 'COMMIT' && index === count - 1)) return { rows: 0 }
  throw new SqlError(
    `${word} within a batch is not supported by the embedded SQL engine: a batch is one transaction.`,
    undefined,
    'NOT_SUPPORTED',
  )
}

function externalName(schema: string, table: string): string {
  return `_external_${schema}_${table}`
}
