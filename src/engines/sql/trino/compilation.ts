/** One query on its way to DuckDB: what it may ask of its surroundings, and what it gathers as it is compiled. */
import type { Token } from '../tokens.ts'
import type { Expression, Query, TableVersion, Window } from './ast.ts'
import { Scope } from './scope.ts'
import type { SqlType } from './sqlTypes.ts'
import type { Typed } from './typed.ts'

/** A table that a statement names; unqualified ones are of the statement's database. */
export interface TableReference {
  catalog?: string
  database: string
  table: string
  /** As it was then. */
  version?: TableVersion
  at: Token
}

export interface SourceColumn {
  name: string
  type: SqlType
}

/** What a table's name stands for. */
export type TableSource =
  | {
      kind: 'relation'
      /** What stands in FROM: a name, or a query in parentheses. Its columns bear the names of `columns`. */
      sql: string
      columns: readonly SourceColumn[]
      hidden?: readonly SourceColumn[]
      /** Called when a hidden column is used. */
      useHidden?: (name: string) => void
    }
  | { kind: 'view'; query: Query; database: string }

export interface Surroundings {
  database: string
  /** The statement's beginning, in UTC: `2025-10-20 08:00:00.000`. */
  now: string
  /** Errors: TABLE_NOT_FOUND and the like. */
  table(reference: TableReference): TableSource
  parameters: readonly Expression[]
  /** Where the text has its question marks, in order. */
  parameterStarts: readonly number[]
}

export interface Compilation extends Surroundings {
  /** A name that nothing else in the statement bears. */
  newName(): string
}

export interface NamedQuery {
  sql: string
  columns: readonly { name?: string; type: SqlType }[]
}

/** Where an expression stands. */
export interface Environment {
  readonly c: Compilation
  readonly scope: Scope
  /** WITH queries in reach. */
  readonly queries: ReadonlyMap<string, NamedQuery>
  /** Lambda parameters in reach. */
  readonly lambdas: ReadonlyMap<string, { sql: string; type: SqlType }>
  readonly windows: ReadonlyMap<string, Window>
  /** The aggregate whose arguments these are. */
  readonly aggregate?: { name: string; at: Token }
  compile(node: Expression): Typed
}

export function outermost(c: Compilation): Omit<Environment, 'compile'> {
  return { c, scope: new Scope([]), queries: new Map(), lambdas: new Map(), windows: new Map() }
}
