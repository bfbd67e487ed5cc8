/**
 * DELETE, UPDATE and MERGE by copy-on-write: the files that hold a row that is meant are replaced by files with what they
 * become. Both queries read the table as it was when the statement began, and the commit fails if it no longer is.
 */
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { type ChangeQueries, ComposedQuery, changeQueries, type Fragment } from '../../engines/sql/athena/rowChanges.ts'
import { insertedColumns } from '../../engines/sql/athena/tableWriting.ts'
import { Cursor, quoteName } from '../../engines/sql/cursor.ts'
import type { IcebergDescription } from '../../engines/sql/iceberg/icebergLibrary.ts'
import { describeAt } from '../../engines/sql/iceberg/icebergTables.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { isCoercible } from '../../engines/sql/trino/coercion.ts'
import { isText, type SqlType, typeName } from '../../engines/sql/trino/sqlTypes.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { databaseOf, type Lines, type StatementPlace } from './catalogStatements.ts'
import {
  type Change,
  changeTable,
  doneBefore,
  type IcebergTable,
  icebergTableOf,
  withChange,
} from './icebergCommits.ts'
import { checkPartitions, tableColumns, type Written, writeRows } from './icebergWriting.ts'
import { allRowsName, changedRowsName } from './queryTables.ts'
import { compileOnly, type QueryText, withQuery } from './selecting.ts'

type Statement = Extract<AthenaStatement, { kind: 'changeRows' }>
type Column = { name: string; type: SqlType }

const start = { line: 1, column: 1 }

export async function changeRows(statement: Statement, place: StatementPlace, ctx: Context): Promise<Lines> {
  const { name } = statement.change
  const database = databaseOf(name, place)
  const target = await icebergTableOf(ctx, database, name.name)
  if (!target) {
    const message = 'Modifying Hive table rows is only supported for transactional tables'
    throw trinoError('NOT_SUPPORTED', message, start)
  }
  return withChange(ctx, place, async (change) => {
    const done = await doneBefore(change, target)
    if (done) return { columns: ['rows'], rows: [] }
    const now = await describeAt(ctx, target.metadataLocation)
    return replaceRows(change, target, now, statement)
  })
}

async function replaceRows(
  change: Change,
  target: IcebergTable,
  now: IcebergDescription,
  statement: Statement,
): Promise<Lines> {
  const columns = tableColumns(now)
  checkNames(statement, columns)
  const queries = queriesOf(statement, change.place, target, columns)
  const read = queryReader(change, target)
  for (const one of queries.given) await checkTypes(read, one, columns)
  const { files, rows, bytesScanned } = await affected(read, queries.affected)
  const added = queries.inserted ? await read.count(queries.inserted) : 0
  if (rows + added === 0) return { columns: ['rows'], rows: [], bytesScanned, updateCount: 0 }
  const path = join(change.folder, 'rows.parquet')
  await read.write(queries.rows, { path, only: new Set(files), columns })
  const request = { operation: 'overwrite', replaced: files, rows: [path] }
  await changeTable(change, target, request, { check: checkPartitions })
  return { columns: ['rows'], rows: [], bytesScanned, updateCount: rows + added }
}

function queriesOf(
  { change, sql }: Statement,
  place: StatementPlace,
  { table }: IcebergTable,
  columns: readonly Column[],
): ChangeQueries {
  const parameters = parametersByPlace(sql, place.parameters ?? [])
  const compose = (...parts: (string | Fragment)[]) => new ComposedQuery(sql, parameters).add(...parts)
  const named = (name: string) => `${quoteName(table.database)}.${quoteName(name)}`
  const shape = {
    all: named(allRowsName),
    changed: named(changedRowsName),
    alias: change.kind === 'merge' ? (change.alias ?? table.name) : table.name,
    columns: columns.map(({ name }) => name),
  }
  return changeQueries(change, shape, compose)
}

/** Errors: where there are too few or too many of them. */
function parametersByPlace(sql: string, given: readonly string[]): Map<number, string> {
  const marks = new Cursor(sql).tokens.filter((token) => token.key === '?')
  if (marks.length !== given.length) {
    const message = `Incorrect number of parameters: expected ${marks.length} but found ${given.length}`
    throw trinoError('INVALID_PARAMETER_USAGE', message, start)
  }
  return new Map(marks.map((mark, i) => [mark.start, given[i] as string]))
}

/** Errors: COLUMN_NOT_FOUND and the like, for the columns that are given values. */
function checkNames({ change }: Statement, columns: readonly Column[]): void {
  const lists =
    change.kind === 'delete'
      ? []
      : change.kind === 'update'
        ? [change.assignments.map(({ column }) => column)]
        : [
            ...change.matched.map(({ assignments = [] }) => assignments.map(({ column }) => column)),
            ...change.inserted.map((one) => one.columns ?? []),
          ]
  for (const names of lists) {
    const absent = names.find((name) => !columns.some((column) => column.name === name))
    if (absent !== undefined)
      throw trinoError('COLUMN_NOT_FOUND', `The UPDATE SET target column ${absent} doesn't exist`, start)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined)
      throw trinoError('DUPLICATE_COLUMN_NAME', `Column name '${twice}' specified more than once`, start)
  }
}

interface QueryReader {
  compile(query: ComposedQuery): Promise<readonly Column[]>
  rows(query: ComposedQuery): Promise<{ rows: unknown[][]; bytesScanned: number }>
  count(query: ComposedQuery): Promise<number>
  write(
    query: ComposedQuery,
    to: { path: string; only: ReadonlySet<string>; columns: readonly Column[] },
  ): Promise<Written>
}

/** Each query reads the table as the statement found it. */
function queryReader(change: Change, { table, metadataLocation }: IcebergTable): QueryReader {
  const { ctx, place } = change
  const text = (query: ComposedQuery, only?: ReadonlySet<string>): QueryText => ({
    ...place,
    sql: query.text,
    parameters: [],
    target: { table, metadataLocation, ...(only && { only }) },
  })
  const placed = async <T>(query: ComposedQuery, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw query.placed(error)
    }
  }
  const rows = (query: ComposedQuery) =>
    placed(
      query,
      withQuery(text(query), ctx, async (running, bytesScanned) => {
        const found: unknown[][] = []
        for await (const batch of running.rows()) found.push(...batch)
        return { rows: found, bytesScanned }
      }),
    )
  return {
    compile: async (query) => (await placed(query, compileOnly(text(query), ctx))).columns,
    rows,
    count: async (query) => (await rows(query)).rows.reduce((sum, row) => sum + Number(row[0]), 0),
    write: (query, { path, only, columns }) => {
      const { target } = text(query, only)
      const written = writeRows(
        change,
        { sql: query.text, path, parameters: [], ...(target && { target }) },
        (compiled) => insertedColumns(compiled, columns, undefined),
      )
      return placed(query, written)
    },
  }
}

/** Errors: TYPE_MISMATCH, where a column cannot take what it is given. */
async function checkTypes(
  read: QueryReader,
  { columns: names, values, what }: ChangeQueries['given'][number],
  columns: readonly Column[],
): Promise<void> {
  const given = (await read.compile(values)).map(({ type }) => type)
  const wanted = names.map((name) => columns.find((column) => column.name === name)?.type as SqlType)
  const fits = given.length === wanted.length && given.every((type, i) => mayStore(type, wanted[i] as SqlType))
  if (fits) return
  const shown = (types: readonly SqlType[]) => types.map(typeName).join(', ')
  throw trinoError('TYPE_MISMATCH', `${what}: Table: [${shown(wanted)}], Expressions: [${shown(given)}]`, start)
}

const mayStore = (from: SqlType, to: SqlType) => isCoercible(from, to) || (isText(from) && isText(to))

async function affected(read: QueryReader, query: ComposedQuery) {
  const { rows, bytesScanned } = await read.rows(query)
  if (rows.some((row) => Number(row[2]) > 1)) {
    const message = 'One MERGE target table row matched more than one source row'
    throw new SqlError(message, undefined, 'MERGE_TARGET_ROW_MULTIPLE_MATCHES')
  }
  return {
    files: rows.map((row) => String(row[0])),
    rows: rows.reduce((sum, row) => sum + Number(row[1]), 0),
    bytesScanned,
  }
}
