/** A query's rows on their way into an Iceberg table: one Parquet file, from which the library makes data files. */

import type { WrittenColumn } from '../athena/tableWriting.ts'
import { quoteName, quoteText } from '../cursor.ts'
import { lambdaName } from '../trino/casts.ts'
import type { SqlType } from '../trino/sqlTypes.ts'
import type { CompiledStatement } from '../trino/statement.ts'

export function rowsCopyText({ sql }: CompiledStatement, columns: readonly WrittenColumn[], path: string): string {
  const list = columns.map((column) => `${stored(column.sql, column.type)} AS ${quoteName(column.name)}`).join(', ')
  return `COPY (SELECT ${list} FROM (${sql}) AS w) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION lz4_raw)`
}

/** What carries a value here, as Parquet has it: rows by their names, moments with a zone as instants. */
function stored(sql: string, type: SqlType): string {
  switch (type.kind) {
    case 'timestamp':
      return type.zoned ? `CASE WHEN ${sql} IS NOT NULL THEN (${sql}).t AT TIME ZONE 'UTC' END` : sql
    case 'array': {
      const element = lambdaName(sql)
      return `list_transform(${sql}, lambda ${element}: ${stored(element, type.element)})`
    }
    case 'map': {
      const [key, value] = [lambdaName(sql), `${lambdaName(sql)}v`]
      return `map(list_transform(map_keys(${sql}), lambda ${key}: ${stored(key, type.key)}), list_transform(map_values(${sql}), lambda ${value}: ${stored(value, type.value)}))`
    }
    case 'row': {
      const fields = type.fields.map(
        (field, i) => `${quoteName(field.name ?? `field${i}`)} := ${stored(`(${sql}).f${i}`, field.type)}`,
      )
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
    }
    default:
      return sql
  }
}
