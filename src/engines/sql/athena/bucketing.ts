/**
 * Which bucket a row belongs to, by Hive's hash (its first version, which Athena's CREATE TABLE AS uses): each column's
 * hash times 31 plus the next, in 32 bits, and the sign dropped before the remainder.
 */
import { notSupported } from '../sqlError.ts'
import { type SqlType, typeName } from '../trino/sqlTypes.ts'
import { trinoError } from '../trino/trinoErrors.ts'
import type { WrittenColumn } from './tableWriting.ts'

export interface Bucketing {
  columns: readonly string[]
  count: number
}

/** A column's name that no table has: the folders of the staged files are named by it. */
export const bucketFolder = 'the bucket'

const bucketsMax = 1_000_000

/** From `bucketed_by` and `bucket_count`. Errors: INVALID_TABLE_PROPERTY, as Trino words them. */
export function bucketingOf(given: Readonly<Record<string, string | string[]>>): Bucketing | undefined {
  const columns = [given.bucketed_by ?? []].flat().map((name) => name.toLowerCase())
  const count = Number(given.bucket_count ?? 0)
  if (columns.length === 0 && given.bucket_count === undefined) return undefined
  const invalid = (message: string) => trinoError('INVALID_TABLE_PROPERTY', message)
  if (columns.length === 0 || given.bucket_count === undefined)
    throw invalid('bucketed_by and bucket_count must be specified together')
  if (!Number.isInteger(count) || count < 1) throw invalid('bucket_count must be greater than zero')
  if (count > bucketsMax) throw invalid(`bucket_count should be no more than ${bucketsMax}`)
  return { columns, count }
}

/** Errors: a bucket column that is not there, or is a partition's. */
export function checkBuckets(columns: readonly WrittenColumn[], partitionedBy: readonly string[], by: Bucketing): void {
  const absent = by.columns.filter((name) => !columns.some((column) => column.name === name))
  if (absent.length > 0)
    throw trinoError('INVALID_TABLE_PROPERTY', `Bucketing columns [${absent.join(', ')}] not present in schema`)
  const both = by.columns.filter((name) => partitionedBy.includes(name))
  if (both.length > 0)
    throw trinoError(
      'INVALID_TABLE_PROPERTY',
      `Bucketing columns must not be used for partitioning: [${both.join(', ')}]`,
    )
}

/** The bucket's number, from 0. */
export function bucketText(columns: readonly WrittenColumn[], { columns: names, count }: Bucketing): string {
  const hashes = names.map((name) => hashText(columns.find((column) => column.name === name) as WrittenColumn))
  const whole = hashes.reduce((before, next) => `((${before}) * 31 + ${next}) & 4294967295`)
  return `((${whole}) & 2147483647) % ${count}`
}

/** Its low 32 bits are Hive's hash; NULL has 0. */
function hashText({ name, sql, type }: WrittenColumn): string {
  const text = valueHash(sql, type)
  if (!text) throw notSupported(`Bucketing by the ${typeName(type)} column ${name}`)
  return `coalesce(CAST(${text} AS BIGINT) & 4294967295, 0)`
}

function valueHash(sql: string, type: SqlType): string | undefined {
  const folded = (bits: string) => `xor((${bits}) >> 32, ${bits})`
  switch (type.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'integer':
      return sql
    case 'bigint':
      return folded(`CAST(${sql} AS BIGINT)`)
    case 'real':
      return `igp_from_big_endian(igp_to_ieee754(CAST(${sql} AS DOUBLE), 4), 4)`
    case 'double':
      return folded(`igp_from_big_endian(igp_to_ieee754(${sql}, 8), 8)`)
    case 'date':
      return `CAST(${sql} - DATE '1970-01-01' AS BIGINT)`
    case 'varchar':
      return `igp_hive_hash(${sql})`
    case 'timestamp':
      // Seconds above 30 bits of nanoseconds.
      return type.zoned
        ? undefined
        : folded(`(epoch_us(${sql}) // 1000000 * 1073741824 + epoch_us(${sql}) % 1000000 * 1000)`)
    default:
      return undefined
  }
}
