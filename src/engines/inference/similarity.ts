/** When two files belong to one table, and what their table's columns are. */
import type { FileSchema } from './fileSchema.ts'
import { type InferredColumn, mergedColumns, mergedType } from './inferredTypes.ts'

const sharedColumnsMin = 0.7

export function isSimilar(one: FileSchema, other: FileSchema, combines: boolean): boolean {
  if (one.classification !== other.classification) return false
  if (combines) return true
  if (one.parameters.delimiter !== other.parameters.delimiter) return false
  if (one.columns === other.columns) return true
  const others = new Map(other.columns.map((column) => [column.name, column]))
  const shared = one.columns.filter((column) => {
    const match = others.get(column.name)
    return match !== undefined && agrees(column, match)
  }).length
  return shared >= Math.min(one.columns.length, other.columns.length) * sharedColumnsMin
}

/** They do unless only text could hold both. */
function agrees(one: InferredColumn, other: InferredColumn): boolean {
  const isText = (type: InferredColumn['type']) => type.kind === 'scalar' && type.name === 'string'
  const merged = mergedType(one.type, other.type)
  return !isText(merged) || isText(one.type) || isText(other.type)
}

/** Of at least one file. Where headers are only in some, none is skipped. */
export function mergedSchema(schemas: readonly FileSchema[]): FileSchema {
  const [first, ...others] = schemas as [FileSchema, ...FileSchema[]]
  if (others.length === 0) return first
  const columns = others.reduce((merged, { columns: more }) => {
    return more === first.columns ? merged : mergedColumns(merged, more)
  }, first.columns)
  const sizes = schemas.map(({ recordBytes }) => recordBytes)
  const records = schemas.map((schema) => schema.records)
  const serdeParameters = { ...first.serdeParameters }
  if (serdeParameters.paths !== undefined) serdeParameters.paths = pathsOf(schemas)
  return {
    ...first,
    columns,
    serdeParameters,
    recordBytes: Math.floor(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
    ...(records.every((count) => count !== undefined) && { records: records.reduce((sum, count) => sum + count, 0) }),
  }
}

function pathsOf(schemas: readonly FileSchema[]): string {
  const all = schemas.flatMap((schema) => (schema.serdeParameters.paths ?? '').split(','))
  return [...new Set(all)].toSorted().join(',')
}
