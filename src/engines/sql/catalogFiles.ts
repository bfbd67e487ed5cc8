/** Catalog tables and their objects, handed to the engine: the table from glue, its files as links from the lake. */
import type { Context } from '../../delivery/context.ts'
import { type LakeFile, type LakeView, lake } from '../../delivery/lake.ts'
import type { LinkedTable } from './athena/athenaQuery.ts'
import type { CatalogPartition, CatalogTable } from './catalogTable.ts'
import { SqlError } from './sqlError.ts'

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
  const storage = Table?.StorageDescriptor
  const column = (c: { Name?: string | undefined; Type?: string | undefined }) => ({
    name: (c.Name ?? '').toLowerCase(),
    type: c.Type ?? 'string',
  })
  const view = Table?.TableType === 'VIRTUAL_VIEW' ? viewQuery(Table.ViewOriginalText ?? '') : undefined
  return {
    database: name.database,
    name: name.table,
    columns: (storage?.Columns ?? []).map(column),
    partitionKeys: (Table?.PartitionKeys ?? []).map(column),
    location: storage?.Location ?? '',
    serde: storage?.SerdeInfo?.SerializationLibrary ?? '',
    ...(storage?.InputFormat && { inputFormat: storage.InputFormat }),
    serdeParameters: (storage?.SerdeInfo?.Parameters ?? {}) as Record<string, string>,
    parameters: (Table?.Parameters ?? {}) as Record<string, string>,
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

export async function openTable(
  ctx: Context,
  table: CatalogTable,
  options: { without?: string } = {},
): Promise<OpenTable> {
  const views: LakeView[] = []
  try {
    const isLeftOut = (file: LakeFile) => options.without !== undefined && file.key.includes(options.without)
    const open = async (location: string) => {
      const { bucket, prefix } = splitUri(location)
      const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
      const view = await ctx.use(lake).open({ scope: ctx, bucket, prefix: folder }, { names: 'numbered' })
      views.push(view)
      return { bucket, folder, files: view.files.filter((file) => isData(file, folder) && !isLeftOut(file)) }
    }
    const uris = new Map<string, string>()
    const group = (bucket: string, files: LakeFile[], partition: (string | null)[]) => {
      for (const file of files) uris.set(file.path, `s3://${bucket}/${file.key}`)
      return {
        paths: files.map((file) => file.path),
        partition,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      }
    }
    const groups: LinkedTable['groups'] = []
    if (table.partitionKeys.length === 0) {
      const { bucket, files } = await open(table.location)
      groups.push(group(bucket, files, []))
    } else {
      const root = await open(table.location)
      for (const partition of await partitionsOf(ctx, table)) {
        const values = partition.values.map((value) => (value === '__HIVE_DEFAULT_PARTITION__' ? null : value))
        const place = splitUri(partition.location)
        const folder = place.prefix.replace(/\/?$/, '/')
        const within = place.bucket === root.bucket && folder.startsWith(root.folder)
        const files = within
          ? root.files.filter((file) => file.key.startsWith(folder))
          : (await open(partition.location)).files
        groups.push(group(place.bucket, files, values))
      }
    }
    return { linked: { table, groups, folders: views.map((view) => view.folder), uris }, views }
  } catch (error) {
    for (const view of views) await view.close()
    throw error
  }
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
    const page = await ctx
      .call('glue')
      .GetPartitions({ DatabaseName: table.database, TableName: table.name, ...(next && { NextToken: next }) })
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
