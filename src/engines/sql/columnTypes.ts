/** A DuckDB type as plain data, so that nothing but duckdb.ts loads the library. Numbers are DuckDB's own type ids. */
import type { DuckDBType } from '@duckdb/node-api'

export type ColumnType =
  | { kind: 'scalar'; name: ScalarName }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'list'; element: ColumnType }
  | { kind: 'map'; key: ColumnType; value: ColumnType }
  | { kind: 'struct'; fields: { name: string; type: ColumnType }[] }

const scalarNames = {
  1: 'boolean',
  2: 'tinyint',
  3: 'smallint',
  4: 'integer',
  5: 'bigint',
  6: 'smallint',
  7: 'integer',
  8: 'bigint',
  9: 'hugeint',
  10: 'real',
  11: 'double',
  12: 'timestamp',
  13: 'date',
  14: 'time',
  15: 'interval',
  16: 'hugeint',
  17: 'varchar',
  18: 'blob',
  20: 'timestamp',
  21: 'timestamp',
  22: 'timestamp',
  23: 'varchar',
  27: 'uuid',
  30: 'time',
  31: 'timestamptz',
  32: 'hugeint',
  36: 'null',
} as const

export type ScalarName = (typeof scalarNames)[keyof typeof scalarNames] | 'json'

/** The parts of DuckDB's type objects that tell their shape. */
interface TypeShape {
  typeId: number
  alias?: string
  width?: number
  scale?: number
  valueType?: DuckDBType
  keyType?: DuckDBType
  entryNames?: readonly string[]
  entryTypes?: readonly DuckDBType[]
}

export function columnType(duckType: DuckDBType): ColumnType {
  const type = duckType as unknown as TypeShape
  if (type.typeId === 19) return { kind: 'decimal', precision: type.width ?? 18, scale: type.scale ?? 3 }
  if (type.entryNames && type.entryTypes && type.typeId === 25) {
    const names = type.entryNames
    return {
      kind: 'struct',
      fields: type.entryTypes.map((entry, i) => ({ name: names[i] ?? '', type: columnType(entry) })),
    }
  }
  if (type.keyType && type.valueType)
    return { kind: 'map', key: columnType(type.keyType), value: columnType(type.valueType) }
  if (type.valueType) return { kind: 'list', element: columnType(type.valueType) }
  if (type.alias === 'JSON') return { kind: 'scalar', name: 'json' }
  return { kind: 'scalar', name: scalarNames[type.typeId as keyof typeof scalarNames] ?? 'varchar' }
}
