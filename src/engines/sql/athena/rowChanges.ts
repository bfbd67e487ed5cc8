/**
 * DELETE, UPDATE and MERGE, read into the queries that carry them out: which rows of which files are meant, and what the
 * files that hold them become. The statement's own text stands in these queries, and errors tell its place in the statement.
 */
import type { Cursor } from '../cursor.ts'
import { quoteName } from '../cursor.ts'
import { SqlError } from '../sqlError.ts'
import type { ObjectName } from './athenaStatements.ts'

/** A stretch of the statement. */
export interface Fragment {
  start: number
  end: number
}

export interface Assignment {
  column: string
  value: Fragment
}

export interface MatchedClause {
  condition?: Fragment
  /** Absent: DELETE. */
  assignments?: Assignment[]
}

export interface InsertClause {
  condition?: Fragment
  columns?: string[]
  values: Fragment[]
}

export type RowChange =
  | { kind: 'delete'; name: ObjectName; where?: Fragment }
  | { kind: 'update'; name: ObjectName; assignments: Assignment[]; where?: Fragment }
  | {
      kind: 'merge'
      name: ObjectName
      alias?: string
      source: Fragment
      on: Fragment
      matched: MatchedClause[]
      inserted: InsertClause[]
    }

export function deleteStatement(c: Cursor, objectName: (c: Cursor) => ObjectName): RowChange {
  c.expect('DELETE', 'FROM')
  const name = objectName(c)
  return { kind: 'delete', name, ...whereClause(c) }
}

export function updateStatement(c: Cursor, objectName: (c: Cursor) => ObjectName): RowChange {
  c.expect('UPDATE')
  const name = objectName(c)
  c.expect('SET')
  const assignments = assignmentList(c, ['WHERE'])
  return { kind: 'update', name, assignments, ...whereClause(c) }
}

function whereClause(c: Cursor): { where?: Fragment } {
  return c.accept('WHERE') ? { where: fragment(c, []) } : {}
}

export function mergeStatement(c: Cursor, objectName: (c: Cursor) => ObjectName): RowChange {
  c.expect('MERGE', 'INTO')
  const name = objectName(c)
  const isNamed = c.accept('AS') || !c.is('USING')
  const alias = isNamed ? c.name().text.toLowerCase() : undefined
  c.expect('USING')
  const source = fragment(c, ['ON'])
  c.expect('ON')
  const on = fragment(c, ['WHEN'])
  const matched: MatchedClause[] = []
  const inserted: InsertClause[] = []
  do {
    c.expect('WHEN')
    const isNew = c.accept('NOT')
    c.expect('MATCHED')
    const condition = c.accept('AND') ? { condition: fragment(c, ['THEN']) } : {}
    c.expect('THEN')
    if (isNew) inserted.push({ ...condition, ...insertClause(c) })
    else matched.push({ ...condition, ...matchedClause(c) })
  } while (c.is('WHEN'))
  return { kind: 'merge', name, ...(alias !== undefined && { alias }), source, on, matched, inserted }
}

function matchedClause(c: Cursor): Pick<MatchedClause, 'assignments'> {
  if (c.accept('DELETE')) return {}
  c.expect('UPDATE', 'SET')
  return { assignments: assignmentList(c, ['WHEN']) }
}

function insertClause(c: Cursor): Pick<InsertClause, 'columns' | 'values'> {
  c.expect('INSERT')
  let columns: string[] | undefined
  if (c.accept('(')) {
    columns = c.list(() => c.name().text.toLowerCase())
    c.expect(')')
  }
  c.expect('VALUES', '(')
  const values = c.list(() => fragment(c, [',']))
  c.expect(')')
  return { ...(columns && { columns }), values }
}

function assignmentList(c: Cursor, ends: string[]): Assignment[] {
  return c.list(() => {
    const column = c.name().text.toLowerCase()
    c.expect('=')
    return { column, value: fragment(c, [',', ...ends]) }
  })
}

/** Up to one of these words outside any parentheses and CASE. Errors: where nothing stands before it. */
function fragment(c: Cursor, ends: readonly string[]): Fragment {
  const start = c.peek().start
  let end = start
  for (let depth = 0; !c.isDone; ) {
    const { key } = c.peek()
    if (depth === 0 && (key === ';' || key === ')' || (key !== '' && ends.includes(key)))) break
    if (['(', '[', 'CASE'].includes(key)) depth++
    if ([')', ']', 'END'].includes(key)) depth--
    end = c.next().end
  }
  if (end === start) throw c.mismatch('an expression')
  return { start, end }
}

/** A query made of our words and the statement's. */
export class ComposedQuery {
  text = ''
  readonly #sql: string
  readonly #parameters: ReadonlyMap<number, string>
  readonly #pieces: { at: number; start: number; length: number }[] = []

  /** `parameters` are what stands for the question marks, by their places in the statement. */
  constructor(sql: string, parameters: ReadonlyMap<number, string>) {
    this.#sql = sql
    this.#parameters = parameters
  }

  /** Fragments stand in parentheses of their own where `add` is given such. */
  add(...parts: (string | Fragment)[]): this {
    for (const part of parts) {
      if (typeof part === 'string') this.text += part
      else this.#addFragment(part)
    }
    return this
  }

  #addFragment({ start, end }: Fragment): void {
    let from = start
    for (const [place, value] of this.#parameters) {
      if (place < start || place >= end) continue
      this.#addPiece(from, place)
      this.text += `(${value})`
      from = place + 1
    }
    this.#addPiece(from, end)
  }

  #addPiece(start: number, end: number): void {
    this.#pieces.push({ at: this.text.length, start, length: end - start })
    this.text += this.#sql.slice(start, end)
  }

  /** The error with its place in the statement. */
  placed(error: unknown): unknown {
    if (!(error instanceof SqlError && error.position)) return error
    const { line, column } = error.position
    const before = this.text.split('\n').slice(0, line - 1)
    const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
    const piece = this.#pieces.find((one) => at >= one.at && at < one.at + one.length)
    const bare = error.message.replace(/^line \d+:\d+: /, '')
    if (!piece) return new SqlError(bare, undefined, error.code)
    const lines = this.#sql.slice(0, piece.start + at - piece.at).split('\n')
    const position = { line: lines.length, column: (lines.at(-1) as string).length + 1 }
    return new SqlError(`line ${position.line}:${position.column}: ${bare}`, position, error.code)
  }
}

export interface ChangedTable {
  /** Its name in a query's FROM: all its rows, or those of the files that change. */
  all: string
  changed: string
  alias: string
  columns: readonly string[]
}

type Compose = (...parts: (string | Fragment)[]) => ComposedQuery

/** The queries of a statement. Rows of `affected` are a file, how many of its rows are meant, how often one at most. */
export interface ChangeQueries {
  affected: ComposedQuery
  /** What the files that are affected become, and what is new. */
  rows: ComposedQuery
  /** The values that columns are given, to be held against the columns' types. */
  given: { columns: readonly string[]; values: ComposedQuery; what: string }[]
  /** How many rows are new. */
  inserted?: ComposedQuery
}

export function changeQueries(change: RowChange, table: ChangedTable, compose: Compose): ChangeQueries {
  return change.kind === 'merge' ? mergeQueries(change, table, compose) : simpleQueries(change, table, compose)
}

function simpleQueries(
  change: Extract<RowChange, { kind: 'delete' | 'update' }>,
  { all, changed, alias, columns }: ChangedTable,
  compose: Compose,
): ChangeQueries {
  const a = quoteName(alias)
  const where = change.where
  const test = where ? ['(', where, ')'] : ['true']
  const affected = compose(`SELECT ${a}."$path", count(*), 1 FROM ${all} AS ${a} WHERE `, ...test, ' GROUP BY 1')
  if (change.kind === 'delete') {
    const list = columns.map((name) => `${a}.${quoteName(name)}`).join(', ')
    return {
      affected,
      rows: compose(`SELECT ${list} FROM ${changed} AS ${a} WHERE NOT coalesce(`, ...test, ', false)'),
      given: [],
    }
  }
  const { assignments } = change
  const items = columns.flatMap((name, i) => {
    const own = `${a}.${quoteName(name)}`
    const given = assignments.find(({ column }) => column === name)
    const value = given ? ['CASE WHEN ', ...test, ' THEN (', given.value, `) ELSE ${own} END`] : [own]
    return [i > 0 ? ', ' : '', ...value, ` AS ${quoteName(name)}`]
  })
  return {
    affected,
    rows: compose('SELECT ', ...items, ` FROM ${changed} AS ${a}`),
    given: [
      {
        columns: assignments.map(({ column }) => column),
        values: compose('SELECT ', ...joined(assignments.map(({ value }) => value)), ` FROM ${all} AS ${a}`),
        what: "UPDATE table column types don't match SET expressions",
      },
    ],
  }
}

const joined = (list: readonly Fragment[]) => list.flatMap((one, i) => [i > 0 ? ', (' : '(', one, ')'])

type Merge = Extract<RowChange, { kind: 'merge' }>

function mergeQueries(change: Merge, table: ChangedTable, compose: Compose): ChangeQueries {
  const { source, on, matched, inserted } = change
  const a = quoteName(table.alias)
  const clause = clauseNumber(matched)
  const pairs = (rows: string) => [` FROM ${rows} AS ${a} JOIN `, source, ' ON (', on, ')']
  const meant = (rows: string) => [...pairs(rows), ' WHERE ', ...clause, ' > 0']
  const each = [`SELECT ${a}."$path" AS p, ${a}."$row" AS r, count(*) AS n`, ...meant(table.all), ' GROUP BY 1, 2']
  const newRows = (one: InsertClause, i: number) => [
    ` FROM `,
    source,
    ` LEFT JOIN ${table.all} AS ${a} ON (`,
    on,
    `) WHERE ${a}."$path" IS NULL`,
    ...(one.condition ? [' AND (', one.condition, ')'] : []),
    ...inserted
      .slice(0, i)
      .flatMap(({ condition }) => (condition ? [' AND NOT coalesce((', condition, '), false)'] : [' AND false'])),
  ]
  const list = table.columns.map((name) => `${a}.${quoteName(name)} AS ${quoteName(name)}`).join(', ')
  const unchanged = [
    `SELECT ${list} FROM ${table.changed} AS ${a} LEFT JOIN (SELECT ${a}."$path" AS p, ${a}."$row" AS r`,
    ...meant(table.changed),
    `) AS "the meant" ON ${a}."$path" = "the meant".p AND ${a}."$row" = "the meant".r WHERE "the meant".p IS NULL`,
  ]
  const updated = matched.some(({ assignments }) => assignments)
    ? [' UNION ALL SELECT ', ...updatedColumns(change, table), ...updatedRows(change, pairs(table.changed))]
    : []
  const added = inserted.flatMap((one, i) => [' UNION ALL SELECT ', ...insertedColumns(one, table), ...newRows(one, i)])
  return {
    affected: compose('SELECT p, count(*), max(n) FROM (', ...each, ') AS "the meant" GROUP BY 1'),
    rows: compose(...unchanged, ...updated, ...added),
    given: [...setValues(change, pairs(table.all), compose), ...insertValues(change, table, compose)],
    ...(inserted.length > 0 && {
      inserted: compose(
        ...inserted.flatMap((one, i) => [i > 0 ? ' UNION ALL ' : '', 'SELECT count(*)', ...newRows(one, i)]),
      ),
    }),
  }
}

/** Which WHEN MATCHED applies, from 1: the first whose condition is true. */
function clauseNumber(matched: readonly MatchedClause[]): (string | Fragment)[] {
  if (matched.length === 0) return ['0']
  return [
    'CASE',
    ...matched.flatMap(({ condition }, i) => [
      ' WHEN ',
      ...(condition ? ['(', condition, ')'] : ['true']),
      ` THEN ${i + 1}`,
    ]),
    ' ELSE 0 END',
  ]
}

function updatedColumns({ matched }: Merge, { columns, alias }: ChangedTable): (string | Fragment)[] {
  const clause = clauseNumber(matched)
  return columns.flatMap((name, i) => {
    const own = `${quoteName(alias)}.${quoteName(name)}`
    const values = matched.flatMap(({ assignments }, number) => {
      const given = assignments?.find(({ column }) => column === name)
      return given ? [` WHEN ${number + 1} THEN (`, given.value, ')'] : []
    })
    const value = values.length > 0 ? ['CASE ', ...clause, ...values, ` ELSE ${own} END`] : [own]
    return [i > 0 ? ', ' : '', ...value]
  })
}

function updatedRows({ matched }: Merge, pairs: (string | Fragment)[]): (string | Fragment)[] {
  const numbers = matched.flatMap(({ assignments }, i) => (assignments ? [i + 1] : []))
  return [...pairs, ' WHERE ', ...clauseNumber(matched), ` IN (${numbers.join(', ')})`]
}

function insertedColumns({ columns, values }: InsertClause, table: ChangedTable): (string | Fragment)[] {
  const names = columns ?? table.columns
  return table.columns.flatMap((name, i) => {
    const value = values[names.indexOf(name)]
    return [i > 0 ? ', ' : '', ...(value ? ['(', value, ')'] : ['NULL'])]
  })
}

function setValues({ matched }: Merge, pairs: (string | Fragment)[], compose: Compose): ChangeQueries['given'] {
  return matched.flatMap(({ assignments }, i) => {
    if (!assignments) return []
    const columns = assignments.map(({ column }) => column)
    const values = compose('SELECT ', ...joined(assignments.map(({ value }) => value)), ...pairs)
    return [{ columns, values, what: `MERGE table column types don't match for MERGE case ${i}, SET expressions` }]
  })
}

function insertValues({ inserted, source }: Merge, table: ChangedTable, compose: Compose): ChangeQueries['given'] {
  return inserted.map((one, i) => ({
    columns: one.columns ?? table.columns,
    values: compose('SELECT ', ...joined(one.values), ' FROM ', source),
    what: `MERGE table column types don't match for MERGE case ${i}, INSERT values`,
  }))
}
