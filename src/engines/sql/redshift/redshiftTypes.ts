/** Redshift's type names: what they are in DuckDB, and what of them DuckDB does not hold to (the length of text). */

import { notSupported, SqlError } from '../sqlError.ts'
import type { Token } from '../tokens.ts'
import type { DialectType, Translation } from './dialect.ts'

/** By each spelling: DuckDB's type, and the name that the catalog of Redshift shows. */
const names: Record<string, [duck: string, shown: string]> = {
  smallint: ['SMALLINT', 'int2'],
  int2: ['SMALLINT', 'int2'],
  integer: ['INTEGER', 'int4'],
  int: ['INTEGER', 'int4'],
  int4: ['INTEGER', 'int4'],
  bigint: ['BIGINT', 'int8'],
  int8: ['BIGINT', 'int8'],
  real: ['FLOAT', 'float4'],
  float4: ['FLOAT', 'float4'],
  double: ['DOUBLE', 'float8'],
  float8: ['DOUBLE', 'float8'],
  float: ['DOUBLE', 'float8'],
  boolean: ['BOOLEAN', 'bool'],
  bool: ['BOOLEAN', 'bool'],
  date: ['DATE', 'date'],
  super: ['JSON', 'super'],
  varbyte: ['BLOB', 'varbyte'],
  text: ['VARCHAR', 'varchar'],
}
const textNames = ['varchar', 'nvarchar', 'char', 'character', 'nchar', 'bpchar']
const textLengthMax = 65535

export function readRedshiftType(t: Translation): DialectType {
  const { cursor } = t
  const at = cursor.name()
  let base = at.text.toLowerCase()
  if (base === 'double') cursor.accept('PRECISION')
  if (base === 'character' && cursor.accept('VARYING')) base = 'varchar'
  const args = readArguments(t)
  if (base === 'numeric' || base === 'decimal') {
    const [precision = 18, scale = 0] = args
    return { sql: `DECIMAL(${precision},${scale})`, name: 'numeric', base: 'decimal', args: [precision, scale] }
  }
  if (textNames.includes(base)) {
    const fixed = base.includes('char') && !base.includes('var')
    return {
      sql: 'VARCHAR',
      name: fixed ? 'bpchar' : 'varchar',
      base: fixed ? 'char' : 'varchar',
      args: [args[0] ?? (fixed ? 1 : 256)],
    }
  }
  if (base === 'text') return { sql: 'VARCHAR', name: 'varchar', base: 'varchar', args: [256] }
  if (['timestamp', 'timestamptz', 'time', 'timetz'].includes(base)) return timeType(t, base, at)
  const known = Object.hasOwn(names, base) ? names[base] : undefined
  if (known) return { sql: known[0], name: known[1], base: known[1], args: [] }
  if (['geometry', 'geography', 'hllsketch', 'interval'].includes(base)) throw notSupported(`The type ${base}`, at)
  throw new SqlError(`ERROR: type "${base}" does not exist`, at)
}

function readArguments(t: Translation): number[] {
  if (!t.cursor.accept('(')) return []
  const args = t.cursor.list(() => {
    const token = t.cursor.next()
    return token.key === 'MAX' ? textLengthMax : Number(token.text)
  })
  t.cursor.expect(')')
  return args
}

function timeType(t: Translation, base: string, at: Token): DialectType {
  const zoned = base.endsWith('tz') || t.cursor.accept('WITH', 'TIME', 'ZONE')
  if (!zoned) t.cursor.accept('WITHOUT', 'TIME', 'ZONE')
  if (base.startsWith('timestamp')) {
    return zoned
      ? { sql: 'TIMESTAMPTZ', name: 'timestamptz', base: 'timestamptz', args: [] }
      : { sql: 'TIMESTAMP', name: 'timestamp', base: 'timestamp', args: [] }
  }
  if (zoned) throw notSupported('The type timetz', at)
  return { sql: 'TIME', name: 'time', base: 'time', args: [] }
}
