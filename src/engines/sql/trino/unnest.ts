/** UNNEST: arrays and maps to rows, side by side; shorter ones end in NULLs, as DuckDB's unnest does it too. */
import type { Token } from '../tokens.ts'
import type { Relation } from './ast.ts'
import type { Environment } from './compilation.ts'
import { columnAliasMismatch } from './queries.ts'
import type { CompiledRelation } from './relations.ts'
import { numberedFields } from './scope.ts'
import { bigint, type RowField, type SqlType, typeName } from './sqlTypes.ts'
import { trinoError } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

interface Column {
  /** The list whose elements these are. */
  list: string
  /** From an element to the column's value. */
  of: (element: string) => string
  type: SqlType
  name?: string
}

export function unnestSql(relation: Extract<Relation, { kind: 'unnest' }>, env: Environment): CompiledRelation {
  const columns = relation.items.flatMap((item) => columnsOf(env.compile(item)))
  const lists = [...new Set(columns.map(({ list }) => list))]
  const [inner, outer] = [env.c.newName(), env.c.newName()]
  const unnested = lists.map((list, i) => `unnest(${list}) AS u${i}`)
  if (relation.ordinality) {
    const longest = lists.map((list) => `coalesce(len(${list}), 0)`)
    unnested.push(
      `unnest(range(1, 1 + ${longest.length > 1 ? `greatest(${longest.join(', ')})` : longest[0]})) AS place`,
    )
  }
  const values = columns.map((column, i) => `${column.of(`${inner}.u${lists.indexOf(column.list)}`)} AS c${i}`)
  const types: { type: SqlType; name?: string }[] = columns.map(({ type, name }) => ({
    type,
    ...(name !== undefined && { name }),
  }))
  if (relation.ordinality) {
    values.push(`${inner}.place AS c${columns.length}`)
    types.push({ type: bigint, name: 'ordinality' })
  }
  const names = relation.columns?.map((column) => column.text.toLowerCase())
  if (names && names.length !== types.length)
    throw columnAliasMismatch(relation.columns as Token[], types.length, relation.at)
  const shown = types.map((column, i) => (names ? { type: column.type, name: names[i] as string } : column))
  const qualifier = relation.alias ? [relation.alias.text.toLowerCase()] : []
  return {
    sql: `LATERAL (SELECT ${values.join(', ')} FROM (SELECT ${unnested.join(', ')}) AS ${inner}) AS ${outer}`,
    fields: numberedFields(outer, shown, qualifier),
  }
}

function columnsOf(value: Typed): Column[] {
  const { sql, type } = value
  if (type.kind === 'map') {
    return [
      { list: `map_keys(${sql})`, of: (element) => element, type: type.key },
      { list: `map_values(${sql})`, of: (element) => element, type: type.value },
    ]
  }
  if (type.kind !== 'array') throw trinoError('INVALID_FUNCTION_ARGUMENT', `Cannot unnest type: ${typeName(type)}`)
  const { element } = type
  if (element.kind !== 'row') return [{ list: sql, of: (item) => item, type: element }]
  return element.fields.map((field: RowField, i) => ({
    list: sql,
    of: (item: string) => `(${item}).f${i}`,
    type: field.type,
    ...(field.name !== undefined && { name: field.name }),
  }))
}
