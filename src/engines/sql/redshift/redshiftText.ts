/** Values and types as the Redshift Data API gives them. */
import type { ColumnType } from '../columnTypes.ts'
import type { Value } from '../duckdb.ts'

/** One field of GetStatementResult. */
export type ResultField =
  | { isNull: true }
  | { longValue: number }
  | { doubleValue: number }
  | { booleanValue: boolean }
  | { stringValue: string }

export function redshiftField(value: Value, type: ColumnType): ResultField {
  if (value === null || value === undefined) return { isNull: true }
  if (type.kind !== 'scalar') return { stringValue: String(value) }
  switch (type.name) {
    case 'boolean':
      return { booleanValue: value as boolean }
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return { longValue: Number(value) }
    case 'hugeint':
      return BigInt.asIntN(64, BigInt(value as bigint)) === BigInt(value as bigint)
        ? { longValue: Number(value) }
        : { stringValue: String(value) }
    case 'real':
    case 'double':
      return { doubleValue: value as number }
    case 'timestamptz':
      return { stringValue: String(value).replace(/([+-]\d{2}):00$/, '$1') }
    default:
      return { stringValue: String(value) }
  }
}

const typeNames: Record<string, string> = {
  boolean: 'bool',
  tinyint: 'int2',
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  hugeint: 'int8',
  real: 'float4',
  double: 'float8',
  json: 'super',
  blob: 'varbyte',
  null: 'varchar',
}

export function redshiftTypeName(type: ColumnType): string {
  if (type.kind === 'decimal') return 'numeric'
  if (type.kind !== 'scalar') return 'super'
  return typeNames[type.name] ?? type.name
}

export function redshiftColumn(column: { name: string; type: ColumnType }) {
  const { type } = column
  const typeName = redshiftTypeName(type)
  const precisions: Record<string, number> = {
    int2: 5,
    int4: 10,
    int8: 19,
    float4: 8,
    float8: 17,
    bool: 1,
    date: 13,
    timestamp: 29,
    varchar: 256,
  }
  return {
    name: column.name,
    label: column.name,
    typeName,
    precision: type.kind === 'decimal' ? type.precision : (precisions[typeName] ?? 0),
    scale: type.kind === 'decimal' ? type.scale : 0,
    length: 0,
    nullable: 1,
    isCaseSensitive: typeName === 'varchar',
    isCurrency: false,
    isSigned: ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'].includes(typeName),
    schemaName: '',
    tableName: '',
    columnDefault: null as unknown as string,
  }
}
