/** One query's way through the grammar: first to learn which tables it names, then, knowing them, to DuckDB's SQL. */
import { Cursor } from '../cursor.ts'
import { notSupported } from '../sqlError.ts'
import type { Token } from '../tokens.ts'
import type { Dialect, TableName, Translation } from './dialect.ts'

export interface TranslationSettings {
  dialect: Dialect
  now: string
  tableSql?: (name: TableName) => string
  parameters?: (token: Token) => string
}

export function newTranslation(sql: string | Cursor, settings: TranslationSettings): Translation {
  return {
    cursor: typeof sql === 'string' ? new Cursor(sql) : sql,
    dialect: settings.dialect,
    now: settings.now,
    withNames: [],
    lambdaNames: [],
    windowNames: [],
    tables: [],
    tableSql: settings.tableSql ?? ((name) => `"${name.table}"`),
    parameters:
      settings.parameters ??
      ((token) => {
        throw notSupported('A parameter here', token)
      }),
    anonymous: 0,
    depth: 0,
  }
}
