/**
 * What a crawl found, written into the Catalog as the crawler's policies say: new tables and partitions always, changed
 * ones unless the policy is to log, vanished ones deleted, marked, or logged. Each table is a commit of its own, and
 * partitions go by the thousand, so a killed crawl that starts again finds what it wrote and goes on.
 */
import { createHash } from 'node:crypto'
import type { PartitionInput, TableInput } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../../delivery/context.ts'
import type { FoundPartition, FoundTable } from '../../../engines/inference/folders.ts'
import { hiveType } from '../../../engines/inference/hiveText.ts'
import { hiveText, mergedColumns } from '../../../engines/inference/inferredTypes.ts'
import type { Crawl, Crawler } from '../crawlerRecords.ts'
import type { CrawlerConfiguration } from '../crawlerSettings.ts'
import { databases } from '../databases.ts'
import { catalogName } from '../names.ts'
import { createIndex, partitionIndexes } from '../partitionIndexes.ts'
import { type Partition, partitions } from '../partitions.ts'
import { deleteTable, type Table, tables, tableVersions } from '../tables.ts'
import { columnsOf, partitionInput, tableInput } from './storage.ts'

const partitionsPerCommit = 1000

export interface Writer {
  ctx: Context
  crawler: Crawler
  configuration: CrawlerConfiguration
  changes: Pick<Crawl, 'tables' | 'partitions'>
  log: (line: string) => void
}

export function databaseOf({ crawler }: Writer): string {
  return catalogName(crawler.settings.DatabaseName ?? 'default')
}

/** A crawler makes its database where there is none. */
export async function ensureDatabase(writer: Writer): Promise<void> {
  const name = databaseOf(writer)
  await writer.ctx.commit((tx) => {
    if (!tx.in(databases).has(name)) tx.in(databases).put({ name, input: { Name: name }, createdAt: tx.now })
  })
}

/** A folder's table, with its partitions. The table is known again by its location. */
export async function writeTable(writer: Writer, bucket: string, found: FoundTable): Promise<Table> {
  const { crawler } = writer
  const location = `s3://${bucket}/${found.prefix}`
  const there = tableAt(writer, location)
  const name = there?.name ?? freeName(writer, found.name || bucket, location)
  const table = await putTable(writer, tableInput(found, { name, bucket, crawler: crawler.name }), there)
  if (found.partitions.length > 0) await writePartitions(writer, { table, bucket }, found.partitions)
  if (writer.configuration.createsPartitionIndex && found.keys.length > 0) await ensureIndex(writer, table)
  return table
}

const indexName = 'crawler_partition_index'

async function ensureIndex({ ctx }: Writer, table: Table): Promise<void> {
  const { database, name, input } = table
  const Keys = (input.PartitionKeys ?? []).map((key) => key.Name ?? '')
  await ctx.commit((tx) => {
    if (!tx.in(partitionIndexes).has(database, name, indexName)) createIndex(tx, table, { IndexName: indexName, Keys })
  })
}

function tableAt(writer: Writer, location: string): Table | undefined {
  const bare = (text: string | undefined) => text?.replace(/\/$/, '')
  for (const table of writer.ctx.in(tables).list({ prefix: [databaseOf(writer)] }))
    if (bare(table.input.StorageDescriptor?.Location) === bare(location)) return table
  return undefined
}

/** A name that another table has gets the digest of the location behind it. */
function freeName(writer: Writer, base: string, location: string): string {
  const { ctx, crawler } = writer
  const name = crawlerName(crawler, base)
  if (!ctx.in(tables).has(databaseOf(writer), name)) return name
  return `${name}_${createHash('md5').update(location).digest('hex')}`
}

export function crawlerName({ settings }: Crawler, base: string): string {
  return catalogName(`${settings.TablePrefix ?? ''}${base.replace(/[^A-Za-z0-9_]/g, '_')}`)
}

/** Only its columns, its keys and how it is read are a change; what is counted is written without a version. */
export async function putTable(writer: Writer, wanted: TableInput, there: Table | undefined): Promise<Table> {
  const { ctx, crawler, changes, log } = writer
  const database = databaseOf(writer)
  const name = wanted.Name as string
  if (!there) {
    const made = await ctx.commit((tx) => {
      const table = { database, name, input: wanted, createdAt: tx.now, updatedAt: tx.now, version: 0 }
      tx.in(tables).put(table)
      return table
    })
    changes.tables.added.push(name)
    log(`INFO : Created table ${name} in database ${database}`)
    return made
  }
  const logs = updatePolicy(crawler) === 'LOG'
  const input = logs ? there.input : merged(writer, wanted, there.input)
  const isChanged = shapeOf(input) !== shapeOf(there.input)
  if (logs) {
    if (shapeOf(merged(writer, wanted, there.input)) !== shapeOf(there.input))
      log(`WARN : The schema of table ${name} changed and was not updated, because of the schema change policy LOG`)
    return there
  }
  const updated = await ctx.commit((tx) => {
    if (isChanged) tx.in(tableVersions).put({ number: there.version, table: there })
    const version = isChanged ? there.version + 1 : there.version
    const table = { ...there, input, updatedAt: tx.now, version }
    tx.in(tables).put(table)
    return table
  })
  if (isChanged) {
    changes.tables.updated.push(name)
    log(`INFO : Updated table ${name} in database ${database}`)
  }
  return updated
}

function updatePolicy({ settings }: Crawler): string {
  return settings.SchemaChangePolicy?.UpdateBehavior ?? 'UPDATE_IN_DATABASE'
}

/** The user's own parameters stay; with MergeNewColumns no column goes. */
function merged({ configuration }: Writer, wanted: TableInput, there: TableInput): TableInput {
  const { DEPRECATED_BY_CRAWLER: _deprecated, ...parameters } = there.Parameters ?? {}
  const storage = wanted.StorageDescriptor ?? {}
  const known = there.StorageDescriptor?.Columns ?? []
  const columns = configuration.mergesNewColumns ? union(known, storage.Columns ?? []) : (storage.Columns ?? [])
  const comments = new Map(known.map(({ Name, Comment }) => [Name, Comment]))
  const Columns = columns.map((column) => {
    const Comment = comments.get(column.Name)
    return Comment === undefined ? column : { ...column, Comment }
  })
  // Keys that have partitions already keep their names and types.
  const sameDepth = there.PartitionKeys?.length === wanted.PartitionKeys?.length
  return {
    ...there,
    ...wanted,
    PartitionKeys: sameDepth ? there.PartitionKeys : wanted.PartitionKeys,
    Parameters: { ...parameters, ...wanted.Parameters },
    StorageDescriptor: { ...there.StorageDescriptor, ...storage, Columns },
  }
}

type Columns = NonNullable<NonNullable<TableInput['StorageDescriptor']>['Columns']>

function union(known: Columns, found: Columns): Columns {
  const typed = (columns: Columns) =>
    columns.map(({ Name = '', Type = 'string' }) => ({ name: Name, type: hiveType(Type) }))
  const untouched = new Map(known.map((column) => [column.Name, column]))
  return columnsOf(mergedColumns(typed(known), typed(found))).map((column) => {
    const before = untouched.get(column.Name)
    return before && hiveText(hiveType(before.Type ?? 'string')) === column.Type ? before : column
  })
}

/** What two definitions must share to be one schema. */
function shapeOf({
  PartitionKeys = [],
  StorageDescriptor: storage = {},
  Parameters = {},
}: Partial<Pick<TableInput, 'PartitionKeys' | 'StorageDescriptor' | 'Parameters'>>): string {
  const columns = [storage.Columns ?? [], PartitionKeys].map((all) => all.map(({ Name, Type }) => [Name, Type]))
  const { SerializationLibrary, Parameters: serde = {} } = storage.SerdeInfo ?? {}
  const read = ['classification', 'skip.header.line.count', 'delimiter', 'DEPRECATED_BY_CRAWLER'].map(
    (name) => Parameters[name],
  )
  const place = [storage.Location, storage.InputFormat, storage.OutputFormat, storage.Compressed]
  return JSON.stringify([columns, SerializationLibrary, Object.entries(serde).toSorted(), read, place])
}

/** New ones are added; known ones are updated where their schema changed. */
export async function writePartitions(
  writer: Writer,
  { table, bucket }: { table: Table; bucket: string },
  found: readonly FoundPartition[],
): Promise<void> {
  const { ctx, crawler, changes, log } = writer
  const before = { ...changes.partitions }
  const mayUpdate = updatePolicy(crawler) !== 'LOG'
  for (let start = 0; start < found.length; start += partitionsPerCommit) {
    const batch = found.slice(start, start + partitionsPerCommit)
    const outcome = await ctx.commit((tx) =>
      batch.map((partition) => putPartition(tx, table, inputOf(writer, table, { partition, bucket }), mayUpdate)),
    )
    changes.partitions.added += outcome.filter((one) => one === 'added').length
    changes.partitions.updated += outcome.filter((one) => one === 'updated').length
  }
  const added = changes.partitions.added - before.added
  const updated = changes.partitions.updated - before.updated
  if (added > 0) log(`INFO : Created partitions with ${added} values in table ${table.name}`)
  if (updated > 0) log(`INFO : Updated ${updated} partitions in table ${table.name}`)
}

function inputOf(
  { crawler, configuration }: Writer,
  table: Table,
  { partition, bucket }: { partition: FoundPartition; bucket: string },
): PartitionInput {
  const input = partitionInput(partition, { name: table.name, bucket, crawler: crawler.name })
  if (!configuration.partitionsInherit) return input
  const { Columns, InputFormat, OutputFormat, SerdeInfo } = table.input.StorageDescriptor ?? {}
  return { ...input, StorageDescriptor: { ...input.StorageDescriptor, Columns, InputFormat, OutputFormat, SerdeInfo } }
}

function putPartition(tx: Tx, table: Table, input: PartitionInput, mayUpdate: boolean): 'added' | 'updated' | 'same' {
  const values = input.Values ?? []
  const there = tx.in(partitions).get(table.database, table.name, ...values)
  if (!there) {
    tx.in(partitions).put({ database: table.database, table: table.name, values, input, createdAt: tx.now })
    return 'added'
  }
  const isChanged = shapeOf(input) !== shapeOf(there.input)
  if (!isChanged || mayUpdate) tx.in(partitions).put({ ...there, input: { ...there.input, ...input } })
  return isChanged && mayUpdate ? 'updated' : 'same'
}

/** Tables of this crawler below the place that no data was found for any more. */
export async function settleVanished(writer: Writer, place: string, found: ReadonlySet<string>): Promise<void> {
  const { ctx, crawler, changes, log } = writer
  const policy = crawler.settings.SchemaChangePolicy?.DeleteBehavior ?? 'DEPRECATE_IN_DATABASE'
  for (const table of [...ctx.in(tables).list({ prefix: [databaseOf(writer)] })]) {
    const { Parameters = {}, StorageDescriptor } = table.input
    const isOurs = Parameters.UPDATED_BY_CRAWLER === crawler.name
    if (!isOurs || found.has(table.name) || !(StorageDescriptor?.Location ?? '').startsWith(place)) continue
    if (policy === 'LOG') {
      log(`WARN : The data of table ${table.name} is gone; the table stays, because of the schema change policy LOG`)
    } else if (policy === 'DELETE_FROM_DATABASE') {
      await ctx.commit((tx) => deleteTable(tx, table.database, table.name))
      changes.tables.deleted.push(table.name)
      log(`INFO : Deleted table ${table.name} in database ${table.database}`)
    } else if (Parameters.DEPRECATED_BY_CRAWLER === undefined) {
      await ctx.commit((tx) => deprecate(tx, table))
      log(`INFO : Deprecated table ${table.name} in database ${table.database}`)
    }
  }
}

function deprecate(tx: Tx, table: Table): void {
  const Parameters = { ...table.input.Parameters, DEPRECATED_BY_CRAWLER: String(tx.now) }
  tx.in(tableVersions).put({ number: table.version, table })
  const input = { ...table.input, Parameters }
  tx.in(tables).put({ ...table, input, updatedAt: tx.now, version: table.version + 1 })
}

/** Partitions whose folders are gone: deleted if the policy is to delete, else told of. */
export async function settleVanishedPartitions(
  writer: Writer,
  table: Table,
  isVanished: (partition: Partition) => boolean,
): Promise<void> {
  const { ctx, crawler, changes, log } = writer
  const vanished = [...ctx.in(partitions).list({ prefix: [table.database, table.name] })].filter(isVanished)
  if (vanished.length === 0) return
  if (crawler.settings.SchemaChangePolicy?.DeleteBehavior !== 'DELETE_FROM_DATABASE') {
    log(`WARN : The data of ${vanished.length} partitions of table ${table.name} is gone; they stay`)
    return
  }
  for (let start = 0; start < vanished.length; start += partitionsPerCommit) {
    await ctx.commit((tx) => {
      for (const { values } of vanished.slice(start, start + partitionsPerCommit))
        tx.in(partitions).delete(table.database, table.name, ...values)
    })
  }
  changes.partitions.deleted += vanished.length
  log(`INFO : Deleted ${vanished.length} partitions of table ${table.name}`)
}
