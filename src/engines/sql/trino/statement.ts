/** A query's text, compiled; and what a connection must know to run it. */

import { Cursor } from '../cursor.ts'
import type { Connection } from '../duckdb.ts'
import type { Expression, Query } from './ast.ts'
import {
  type Compilation,
  outermost,
  type SourceColumn,
  type Surroundings,
  type TableReference,
  type TableSource,
} from './compilation.ts'
import { environment } from './expressions.ts'
import { trinoMacros } from './macros.ts'
import { allNatives } from './natives/all.ts'
import { parseExpression, parseQuery } from './parser.ts'
import { compileQuery } from './queries.ts'
import type { SqlType } from './sqlTypes.ts'
import { type Block, type TableUse, tablesNamed } from './tableNames.ts'
import { trinoError } from './trinoErrors.ts'

export interface CompiledStatement {
  /** Columns are called c0, c1, … */
  sql: string
  columns: { name: string; type: SqlType; isUnnamed?: boolean }[]
}

export interface StatementSettings {
  database: string
  now: string
  parameters: readonly string[]
  table(reference: TableReference): TableSource
}

/** Errors: SqlError with its place. */
export function compileStatement(text: string, settings: StatementSettings): CompiledStatement {
  const surroundings: Surroundings = {
    ...settings,
    parameters: settings.parameters.map(parseExpression),
    parameterStarts: parameterStarts(text),
  }
  return compileParsed(parseQuery(text), surroundings)
}

function compileParsed(query: Query, surroundings: Surroundings): CompiledStatement {
  let names = 0
  const c: Compilation = { ...surroundings, newName: () => `q${names++}` }
  const { sql, columns } = compileQuery(query, environment(outermost(c)))
  return {
    sql,
    columns: columns.map(({ name, type }, i) =>
      name === undefined ? { name: `_col${i}`, type, isUnnamed: true } : { name, type },
    ),
  }
}

/** Expressions that stand in no text, over the rows of a relation or as one row. Errors: SqlError. */
export function compileExpressions(
  expressions: readonly Expression[],
  { now, relation }: { now: string; relation?: { sql: string; columns: readonly SourceColumn[] } },
): CompiledStatement {
  const { at } = expressions[0] as Expression
  const items = expressions.map((value) => ({ kind: 'expression' as const, at: value.at, value }))
  const from = relation ? [{ kind: 'table' as const, at, name: [at] }] : []
  const body = { kind: 'select' as const, at, select: { at, distinct: false, items, from, windows: [] } }
  const table = (): TableSource => {
    if (!relation) throw trinoError('TABLE_NOT_FOUND', 'A constant reads no table', at)
    return { kind: 'relation', ...relation }
  }
  const surroundings = { database: '', now, parameters: [], parameterStarts: [], table }
  return compileParsed({ at, with: [], recursive: false, body, orderBy: [] }, surroundings)
}

/** What a text's table names mean, and what is known around it. */
export interface TextSettings {
  /** Of names that say none. */
  database: string
  parameters?: readonly string[]
  /** Where a view's rows are read: what is asked of them there is asked of its tables. */
  readBy?: Block['readBy']
}

/** The tables that a query names, as written, each time. */
export function tablesOfStatement(
  text: string,
  { database, parameters = [], readBy = [] }: TextSettings,
): { reference: TableReference; use: TableUse }[] {
  const surroundings = { readBy, parameter: parameterLookup(text, parameters) }
  return tablesNamed(parseQuery(text), surroundings).map((use) => {
    const words = use.name.map((part) => part.text.toLowerCase())
    const [table = '', schema = database, catalog] = words.reverse()
    const at = use.name[0] as TableReference['at']
    const { version } = use
    return {
      use,
      reference: {
        ...{ table, database: schema, at },
        ...(catalog !== undefined && { catalog }),
        ...(version && { version }),
      },
    }
  })
}

/** What stands for a question mark, by its place in the text. */
function parameterLookup(text: string, parameters: readonly string[]): (start: number) => Expression | undefined {
  if (parameters.length === 0) return () => undefined
  const starts = parameterStarts(text)
  return (start) => {
    const given = parameters[starts.indexOf(start)]
    return given === undefined ? undefined : parseExpression(given)
  }
}

function parameterStarts(text: string): number[] {
  return new Cursor(text).tokens.filter((token) => token.key === '?').map((token) => token.start)
}

const own = /\bigp_[a-z0-9_]+/g

/** Makes the macros and natives that the text calls, and those that these call. */
export async function prepareConnection(connection: Connection, sql: string, known: Set<string>): Promise<void> {
  const natives = allNatives()
  const macros = new Map(trinoMacros.map((text) => [text.slice(0, text.indexOf('(')), text]))
  const wanted = new Set<string>()
  const want = (text: string) => {
    for (const [name] of text.matchAll(own)) {
      if (known.has(name)) continue
      known.add(name)
      wanted.add(name)
      const macro = macros.get(name)
      if (macro) want(macro.slice(name.length))
    }
  }
  want(sql)
  for (const name of wanted) {
    const native = natives.get(name)
    if (native) connection.register(native)
  }
  const needed = trinoMacros.filter((text) => wanted.has(text.slice(0, text.indexOf('('))))
  if (needed.length > 0) await connection.execute(needed.map((text) => `CREATE MACRO ${text};`).join('\n'))
}
