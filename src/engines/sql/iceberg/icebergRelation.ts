/**
 * An Iceberg table's data files as a DuckDB relation, in what carries Trino's types. Columns are found by their ids, so
 * that files from before a column was renamed, widened or added say what they mean; rows that delete files name are left out.
 */
import { quoteName, quoteText } from '../cursor.ts'
import type { Connection } from '../duckdb.ts'
import { lambdaName } from '../trino/casts.ts'
import { duckType } from '../trino/sqlTypes.ts'
import { type IcebergField, type IcebergStruct, type IcebergType, trinoTypeOf } from './icebergSchema.ts'

export interface PlannedFile {
  /** The object's, as the table's metadata and its delete files write it. */
  location: string
  /** A link that the engine may read. */
  path: string
  bytes: number
  rows: number
  /** Links to files of positional deletes. */
  deletes: string[]
  /** Values of identity partitions by column id, for files that do not hold them. */
  constants: Record<string, string | null>
}

export interface IcebergScan {
  schema: IcebergStruct
  files: PlannedFile[]
}

/** A column of a Parquet file, or a part of one. */
interface FileField {
  name: string
  id: string | null
  children: FileField[]
}

interface AlikeFiles {
  fields: FileField[]
  files: PlannedFile[]
}

export const hiddenNames = { path: '$path', row: '$row' } as const

/** `SELECT` text with the table's columns, then `$path` and the row's number in its file where they are asked for. */
export async function icebergRelation(
  { schema, files }: IcebergScan,
  use: { connection: Connection; withHidden: boolean },
): Promise<string> {
  const groups = await alikeFiles(files, use.connection)
  if (groups.length === 0) return emptyRelation(schema, use.withHidden)
  return groups.map((group) => branch(schema, group, use.withHidden)).join(' UNION ALL ')
}

function emptyRelation({ fields }: IcebergStruct, withHidden: boolean): string {
  const columns = fields.map(({ name, type }) => `${nullOf(type)} AS ${quoteName(name.toLowerCase())}`)
  const hidden = withHidden ? [`NULL AS "${hiddenNames.path}"`, `NULL AS "${hiddenNames.row}"`] : []
  return `SELECT ${[...columns, ...hidden].join(', ')} WHERE false`
}

function branch({ fields }: IcebergStruct, { fields: own, files }: AlikeFiles, withHidden: boolean): string {
  const first = files[0] as PlannedFile
  const isByName = own.every((field) => field.id === null)
  const columns = fields.map((field) => {
    const found = findField(own, field, isByName)
    const value = found ? carried(quoteName(found.name), field.type, found) : constantOf(field, first)
    return `${value} AS ${quoteName(field.name.toLowerCase())}`
  })
  const deleted = [...new Set(files.flatMap((file) => file.deletes))]
  const hasDeletes = deleted.length > 0
  const list = `[${files.map((file) => quoteText(file.path)).join(', ')}]`
  const options = ['hive_partitioning=false', 'filename=true', 'file_row_number=true']
  const from = `read_parquet(${list}, ${options.join(', ')})`
  const hidden = withHidden
    ? [`${locationOf(files)} AS "${hiddenNames.path}"`, `file_row_number AS "${hiddenNames.row}"`]
    : []
  const select = `SELECT ${[...columns, ...hidden].join(', ')} FROM ${from} AS f`
  return hasDeletes ? `${select} WHERE NOT EXISTS (${deletesOf(files, deleted)})` : select
}

/** A delete file counts for the data files that the plan pairs it with: others of its rows may be older than the file. */
function deletesOf(files: readonly PlannedFile[], deleted: readonly string[]): string {
  const pairs = files.flatMap((file) =>
    file.deletes.map((path) => `(${[file.path, file.location, path].map(quoteText).join(', ')})`),
  )
  const list = `[${deleted.map(quoteText).join(', ')}]`
  return `SELECT 1 FROM read_parquet(${list}, hive_partitioning=false, filename=true) AS d JOIN (VALUES ${pairs.join(', ')}) AS p("data", "object", "deletes") ON d.filename = p."deletes" AND d.file_path = p."object" WHERE p."data" = f.filename AND d.pos = f.file_row_number`
}

function locationOf(files: readonly PlannedFile[]): string {
  return `CASE filename ${files.map((file) => `WHEN ${quoteText(file.path)} THEN ${quoteText(file.location)}`).join(' ')} END`
}

/** Files of one schema are read together; so are deletes and constants alike. */
async function alikeFiles(files: readonly PlannedFile[], connection: Connection): Promise<AlikeFiles[]> {
  if (files.length === 0) return []
  const list = files.map((file) => quoteText(file.path)).join(', ')
  const found = await connection.all(
    `SELECT file_name, name, coalesce(num_children, 0), field_id FROM parquet_schema([${list}])`,
  )
  const rows = new Map<string, unknown[][]>()
  for (const row of found) rows.set(String(row[0]), [...(rows.get(String(row[0])) ?? []), row])
  const groups = new Map<string, AlikeFiles>()
  for (const file of files) {
    const own = rows.get(file.path) ?? []
    const shape = JSON.stringify([own.map((row) => row.slice(1).map(String)), file.constants, file.deletes.length > 0])
    const group = groups.get(shape) ?? { fields: fieldsOf(own), files: [] }
    group.files.push(file)
    groups.set(shape, group)
  }
  return [...groups.values()]
}

/** The list is the tree from its root, depth first. */
function fieldsOf(rows: readonly (readonly unknown[])[]): FileField[] {
  let at = 0
  const read = (): FileField => {
    const [, name, children, id] = rows[at++] as unknown[]
    return {
      name: String(name),
      id: id === null ? null : String(id),
      children: Array.from({ length: Number(children) }, read),
    }
  }
  return rows.length === 0 ? [] : read().children
}

function findField(own: readonly FileField[], { id, name }: { id: number; name: string }, isByName: boolean) {
  return isByName
    ? own.find((field) => field.name.toLowerCase() === name.toLowerCase())
    : own.find((field) => field.id === String(id))
}

function nullOf(type: IcebergType): string {
  return `CAST(NULL AS ${duckType(trinoTypeOf(type))})`
}

/** A column that the file does not hold: its partition's value, or nothing, since it was added later. */
function constantOf({ id, type }: IcebergField, { constants }: PlannedFile): string {
  const value = constants[String(id)]
  return value === undefined || value === null
    ? nullOf(type)
    : `CAST(${quoteText(value)} AS ${duckType(trinoTypeOf(type))})`
}

function carried(sql: string, type: IcebergType, found: FileField): string {
  if (typeof type === 'string') {
    if (type.startsWith('timestamptz')) {
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(t := CAST(CAST(${sql} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP), z := 'UTC') END`
    }
    return `CAST(${sql} AS ${duckType(trinoTypeOf(type))})`
  }
  const item = lambdaName(sql)
  if (type.type === 'list') {
    const element = elementOf(found)
    return `list_transform(${sql}, lambda ${item}: ${carried(item, type.element, element)})`
  }
  if (type.type === 'map') {
    const [key, value] = keyAndValueOf(found)
    const other = `${item}v`
    return `map(list_transform(map_keys(${sql}), lambda ${item}: ${carried(item, type.key, key)}), list_transform(map_values(${sql}), lambda ${other}: ${carried(other, type.value, value)}))`
  }
  const isByName = found.children.every((child) => child.id === null)
  const parts = type.fields.map((field, i) => {
    const child = findField(found.children, field, isByName)
    const value = child ? carried(`(${sql}).${quoteName(child.name)}`, field.type, child) : nullOf(field.type)
    return `f${i} := ${value}`
  })
  return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${parts.join(', ')}) END`
}

/** Parquet has a repeated group between a list and its elements; old writers repeat the element itself. */
function elementOf(list: FileField): FileField {
  const [repeated] = list.children
  const [element] = repeated?.children ?? []
  return element ?? (repeated as FileField)
}

function keyAndValueOf(map: FileField): [FileField, FileField] {
  const [key, value] = map.children[0]?.children ?? []
  return [key as FileField, value as FileField]
}
