/** The names that an expression may use, and where each comes from. An inner query also sees its outer query's. */
import { quoteName } from '../cursor.ts'
import type { Token } from '../tokens.ts'
import type { SqlType } from './sqlTypes.ts'
import { trinoError } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

/** A column of a relation. */
export interface Field {
  /** Lower case; absent where nothing names it. */
  name?: string
  /** The name as it was written where the column was made. */
  label?: string
  /** What may stand before the name: `[catalog, schema, table]`, or an alias alone. */
  qualifier: readonly string[]
  sql: string
  type: SqlType
  /** Found by name, but no part of `*`: `$path`. */
  hidden?: boolean
  /** Found with its table before it alone: a column that JOIN … USING merged. */
  qualifiedOnly?: boolean
  used?: () => void
}

export class Scope {
  readonly fields: readonly Field[]
  readonly parent: Scope | undefined
  /** DuckDB's text of the GROUP BY expressions, once they are known: other columns are loose. */
  grouping: ReadonlySet<string> | undefined

  constructor(fields: readonly Field[], parent?: Scope) {
    this.fields = fields
    this.parent = parent
  }

  /** A column by its (qualified) name, here or further out. Errors: AMBIGUOUS_NAME. */
  find(path: readonly string[], at: Token): Typed | undefined {
    const found = this.fields.filter((field) => names(field, path))
    const [field] = found
    if (found.length > 1) throw trinoError('AMBIGUOUS_NAME', `Column '${path.join('.')}' is ambiguous`, at)
    if (!field) return this.parent?.find(path, at)
    field.used?.()
    const name = path[path.length - 1] as string
    const loose = this.grouping && !this.grouping.has(field.sql) ? { loose: { at, text: path.join('.') } } : {}
    return { sql: field.sql, type: field.type, at, name, ...loose }
  }

  /** The columns of `*` or `prefix.*`. */
  starred(prefix: readonly string[]): Field[] {
    return this.fields.filter((field) => !field.hidden && endsWith(field.qualifier, prefix))
  }
}

function names(field: Field, path: readonly string[]): boolean {
  if (field.qualifiedOnly && path.length === 1) return false
  return field.name === path[path.length - 1] && endsWith(field.qualifier, path.slice(0, -1))
}

function endsWith(whole: readonly string[], end: readonly string[]): boolean {
  return end.length <= whole.length && end.every((part, i) => part === whole[whole.length - end.length + i])
}

/** The fields of a relation that DuckDB knows as `alias` with columns `c0`, `c1` … */
export function numberedFields(
  alias: string,
  columns: readonly Pick<Field, 'name' | 'type'>[],
  qualifier: readonly string[],
): Field[] {
  return columns.map(({ name, type }, i) => ({
    ...(name !== undefined && { name: name.toLowerCase(), label: name }),
    type,
    qualifier,
    sql: `${quoteName(alias)}.c${i}`,
  }))
}
