/**
 * `lookup`: columns of a table that was uploaded, beside each event whose fields have the very texts of one of its rows.
 * It never makes two rows of one event: of rows that have the same key the first counts.
 */
import type { CommandOf } from './ast.ts'
import { contextOf, type Place } from './commands.ts'
import { compileExpression } from './expressions.ts'
import { textSql } from './values.ts'

/** What a query needs of a lookup table: these columns, as a table of texts in the query's database. */
export interface NeededLookup {
  table: string
  /** The table's name there; its columns are this and a number, in order. */
  name: string
  /** Of them the first so many are the key. */
  columns: string[]
  keyLength: number
}

export function addLookup({ table, on, outputs }: CommandOf<'lookup'>, place: Place): void {
  const { pipeline, compiler } = place
  const name = pipeline.names.next('lookup')
  const columns = [...on.map(({ column }) => column), ...outputs.map((output) => output.name)]
  compiler.lookups.push({ table, name, columns, keyLength: on.length })
  const equal = on.map(
    ({ field }, i) => `${textSql(compileExpression(field, contextOf(place)))} = ${lookupColumn(name, i)}`,
  )
  const found = outputs.map((output, i) => {
    const column = pipeline.names.next('c')
    pipeline.name(output.name, { sql: column, type: 'text' })
    return `${lookupColumn(name, on.length + i)} AS ${column}`
  })
  pipeline.add(`SELECT *, ${found.join(', ')} FROM ${pipeline.current} LEFT JOIN ${name} ON ${equal.join(' AND ')}`)
  pipeline.found.push(...outputs.map((output) => output.name))
}

export function lookupColumn(name: string, index: number): string {
  return `${name}_${index}`
}

/** Of the rows with all columns, in their order, those that a query needs. */
export function lookupRows(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  needed: NeededLookup,
): string[][] {
  const places = needed.columns.map((column) => header.indexOf(column))
  const byKey = new Map<string, string[]>()
  for (const row of rows) {
    const values = places.map((at) => row[at] ?? '')
    const key = JSON.stringify(values.slice(0, needed.keyLength))
    if (!byKey.has(key)) byKey.set(key, values)
  }
  return [...byKey.values()]
}
