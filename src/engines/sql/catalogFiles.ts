/** Catalog tables and their objects, handed to the engine: the table from glue, its files as links from the lake. */
import { dirname } from 'node:path'
import type { Table } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { type BodyTaker, type LakeFile, type LakeView, lake } from '../../delivery/lake.ts'
import type { LinkedTable } from './athena/athenaQuery.ts'
import { type CatalogPartition, type CatalogTable, formatOf, type TableColumn } from './catalogTable.ts'
import { convertedTable } from './convertedFiles.ts'
import { LinePack, packedFilesMin } from './linePack.ts'
import { isProjected, projectedPartitions } from './projection.ts'
import { SqlError } from './sqlError.ts'
import { skippedLines } from './tableFiles.ts'
import type { Expression } from './trino/ast.ts'
import { keyValue } from './trino/partitionValues.ts'
import { PartitionFilter } from './trino/pruning.ts'

/** A table's links, to be closed after the query. */
export interface OpenTable {
  linked: LinkedTable
  views: LakeView[]
}

export function splitUri(uri: string): { bucket: string; prefix: string } {
  const match = /^s3[an]?:\/\/([^/]+)\/?(.*)$/s.exec(uri)
  if (!match) throw new SqlError(`The location '${uri}' is not an S3 path.`, undefined, 'HIVE_UNSUPPORTED_FORMAT')
  return { bucket: match[1] as string, prefix: match[2] as string }
}

export async function catalogTable(
  ctx: Context,
  name: { database: string; table: string },
): Promise<CatalogTable & { view?: string }> {
  const { Table } = await ctx.call('glue').GetTable({ DatabaseName: name.database, Name: name.table })
  return tableOf(Table as Table, name)
}

/** The Catalog's table in our words. */
export function tableOf(Table: Table, name: { database: string; table: string }): CatalogTable & { view?: string } {
  const storage = Table.StorageDescriptor
  const column = (c: { Name?: string | undefined; Type?: string | undefined; Comment?: string | undefined }) => ({
    name: (c.Name ?? '').toLowerCase(),
    type: c.Type ?? 'string',
    ...(c.Comment && { comment: c.Comment }),
  })
  const view = Table.TableType === 'VIRTUAL_VIEW' ? viewQuery(Table.ViewOriginalText ?? '') : undefined
  return {
    database: name.database,
    name: name.table,
    columns: (storage?.Columns ?? []).map(column),
    partitionKeys: (Table.PartitionKeys ?? []).map(column),
    location: storage?.Location ?? '',
    bucketColumns: (storage?.BucketColumns ?? []) as string[],
    serde: storage?.SerdeInfo?.SerializationLibrary ?? '',
    ...(storage?.InputFormat && { inputFormat: storage.InputFormat }),
    serdeParameters: (storage?.SerdeInfo?.Parameters ?? {}) as Record<string, string>,
    parameters: (Table.Parameters ?? {}) as Record<string, string>,
    ...(view !== undefined && { view }),
  }
}

/** `/* Presto View: <base64 of JSON> *\/`, as Athena keeps them. */
function viewQuery(text: string): string {
  const encoded = /Presto View: (\S+)/.exec(text)?.[1]
  if (!encoded)
    throw new SqlError('A Hive view is not supported by the embedded SQL engine.', undefined, 'NOT_SUPPORTED')
  return (JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { originalSql: string }).originalSql
}

export interface OpenSettings {
  /** Objects whose keys have this are left out. */
  without?: string
  /** Which partitions the query can need. Absent: all. */
  filter?: PartitionFilter
  /** Those among listed partitions that a condition over their keys alone leaves. */
  where?: (
    condition: Expression,
    keys: readonly TableColumn[],
    partitions: readonly CatalogPartition[],
  ) => Promise<readonly CatalogPartition[]>
}

/** Up to so many partitions are opened each by itself; more, by the folder that they share. */
const partitionsOpenedMax = 64

export async function openTable(ctx: Context, table: CatalogTable, settings: OpenSettings = {}): Promise<OpenTable> {
  const opening = new Opening(ctx, table, settings)
  try {
    const groups =
      table.partitionKeys.length === 0
        ? [await opening.group({ values: [], location: table.location })]
        : await partitionGroups(opening, table, await neededPartitions(ctx, table, settings))
    const { views, uris } = opening
    const linked = { table, groups, folders: views.map((view) => view.folder), uris }
    const converted = await convertedTable(ctx, linked)
    if (!converted) return { linked, views }
    const { view } = converted
    return { linked: { ...converted.linked, folders: [view.folder] }, views: [...views, view] }
  } catch (error) {
    for (const view of opening.views) await view.close()
    throw error
  }
}

async function neededPartitions(
  ctx: Context,
  table: CatalogTable,
  { filter = new PartitionFilter([]), where }: OpenSettings,
): Promise<readonly CatalogPartition[]> {
  if (isProjected(table)) return projectedPartitions(table, filter, ctx.clock.now())
  const keys = table.partitionKeys
  const valuesOf = ({ values }: CatalogPartition) =>
    new Map(keys.map((key, i) => [key.name, keyValue(key.type, orNull(values[i]))]))
  const possible = (await partitionsOf(ctx, table)).filter((partition) => filter.mayMatch(valuesOf(partition)))
  const [first] = possible
  const condition = first && filter.keyCondition(valuesOf(first))
  return condition && where ? where(condition, keys, possible) : possible
}

const orNull = (value: string | undefined) => (value === '__HIVE_DEFAULT_PARTITION__' ? null : (value ?? null))

async function partitionGroups(
  opening: Opening,
  table: CatalogTable,
  partitions: readonly CatalogPartition[],
): Promise<LinkedTable['groups']> {
  if (partitions.length <= partitionsOpenedMax) return Promise.all(partitions.map((one) => opening.group(one)))
  const root = sharedFolder(partitions.map(({ location }) => location))
  if (root === undefined) return Promise.all(partitions.map((one) => opening.group(one)))
  const opened = await opening.files(root)
  const groups = partitions.map((partition) => {
    const folder = splitUri(partition.location).prefix.replace(/\/?$/, '/')
    return opening.linked({ ...opened, files: filesBelow(opened.files, folder) }, partition)
  })
  return groups.filter((group) => group.paths.length > 0 || table.partitionKeys.length === 0)
}

/** Undefined where they share no folder of one bucket. */
function sharedFolder(locations: readonly string[]): string | undefined {
  let shared = locations[0] ?? ''
  for (const location of locations) while (!location.startsWith(shared)) shared = shared.slice(0, -1)
  const folder = shared.slice(0, shared.lastIndexOf('/') + 1)
  return /^s3[an]?:\/\/[^/]+\//.test(folder) ? folder : undefined
}

/** The files are in the order of their keys' bytes, so those of a folder lie together. */
function filesBelow(files: readonly LakeFile[], folder: string): LakeFile[] {
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const before = Buffer.compare(Buffer.from(files[middle]?.key ?? ''), Buffer.from(folder)) < 0
    if (before) low = middle + 1
    else high = middle
  }
  let end = low
  while (files[end]?.key.startsWith(folder)) end++
  return files.slice(low, end)
}

/** The links of one table, as they are gathered. */
class Opening {
  readonly views: LakeView[] = []
  readonly uris = new Map<string, string>()
  readonly #ctx: Context
  readonly #table: CatalogTable
  readonly #settings: OpenSettings

  constructor(ctx: Context, table: CatalogTable, settings: OpenSettings) {
    this.#ctx = ctx
    this.#table = table
    this.#settings = settings
  }

  async group(partition: CatalogPartition): Promise<LinkedTable['groups'][number]> {
    return this.linked(await this.files(partition.location), partition)
  }

  async files(location: string): Promise<OpenedFiles> {
    const { without } = this.#settings
    const { bucket, prefix } = splitUri(location)
    const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    const place = { scope: this.#ctx, bucket, prefix: folder }
    const isWanted = (file: LakeFile) => isData(file, folder) && (without === undefined || !file.key.includes(without))
    const packing = isOfLines(this.#table) ? new Packing(skippedLines(this.#table), isWanted) : undefined
    const taking = packing && { filesMin: packedFilesMin, take: packing.take }
    const view = await this.#ctx.use(lake).open(place, { names: 'numbered', ...(taking && { taking }) })
    this.views.push(view)
    return { bucket, files: view.files.filter(isWanted), pack: packing?.finished() }
  }

  linked({ bucket, files, pack }: OpenedFiles, { values }: CatalogPartition): LinkedTable['groups'][number] {
    for (const file of files) this.uris.set(file.path, `s3://${bucket}/${file.key}`)
    return {
      paths: files.map((file) => file.path),
      ...(pack && { pack }),
      partition: values.map(orNull),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    }
  }
}

interface OpenedFiles {
  bucket: string
  files: LakeFile[]
  pack: LinePack | undefined
}

/** The pack of one view, which is made with the first file that is taken. */
class Packing {
  readonly #skipLines: number
  readonly #isWanted: (file: LakeFile) => boolean
  #pack: LinePack | undefined

  constructor(skipLines: number, isWanted: (file: LakeFile) => boolean) {
    this.#skipLines = skipLines
    this.#isWanted = isWanted
  }

  readonly take: BodyTaker = (file, body) => {
    if (!this.#isWanted(file) || isCompressed.test(file.path)) return false
    this.#pack ??= new LinePack(dirname(file.path), this.#skipLines)
    this.#pack.take(file, body)
    return true
  }

  finished(): LinePack | undefined {
    this.#pack?.finish()
    return this.#pack
  }
}

/** By its name DuckDB unpacks a file. */
const isCompressed = /\.(gz|gzip|zst)$/i

function isOfLines(table: CatalogTable): boolean {
  return !['parquet', 'orc', 'avro'].includes(formatOf(table))
}

/** Empty objects and names that begin with `_` or `.` hold no rows. */
function isData(file: LakeFile, folder: string): boolean {
  return (
    file.bytes > 0 &&
    !file.key
      .slice(folder.length)
      .split('/')
      .some((segment) => /^[_.]/.test(segment))
  )
}

export async function partitionsOf(
  ctx: Context,
  table: { database: string; name: string },
): Promise<CatalogPartition[]> {
  const found: CatalogPartition[] = []
  let next: string | undefined
  do {
    const page = await ctx.call('glue').GetPartitions({
      DatabaseName: table.database,
      TableName: table.name,
      ExcludeColumnSchema: true,
      ...(next && { NextToken: next }),
    })
    for (const partition of page.Partitions ?? []) {
      found.push({
        values: (partition.Values ?? []) as string[],
        location: partition.StorageDescriptor?.Location ?? '',
      })
    }
    next = page.NextToken
  } while (next)
  return found
}

/** A table by name: from the Catalog, with its links. */
export async function openCatalogTable(ctx: Context, name: { database: string; table: string }): Promise<OpenTable> {
  return openTable(ctx, await catalogTable(ctx, name))
}
