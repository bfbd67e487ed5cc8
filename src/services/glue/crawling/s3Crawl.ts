/** A crawl of an S3 target: all of it, or only the folders that are new, or those that events tell of. */
import type { S3Target } from '@aws-sdk/client-glue'
import type { Context } from '../../../delivery/context.ts'
import type { CustomClassifier } from '../../../engines/inference/fileSchema.ts'
import { type CrawledFile, type FoundTable, tablesAmong } from '../../../engines/inference/folders.ts'
import { isSimilar, mergedSchema } from '../../../engines/inference/similarity.ts'
import type { CrawlerConfiguration } from '../crawlerSettings.ts'
import { partitions } from '../partitions.ts'
import { type Table, tables } from '../tables.ts'
import {
  databaseOf,
  settleVanished,
  settleVanishedPartitions,
  type Writer,
  writePartitions,
  writeTable,
} from './catalogWriting.ts'
import { deleteMessages, queuedEvents } from './eventQueue.ts'
import { folderOf, type ListedObject, listedObjects, placeOf, readFiles } from './s3Files.ts'

export interface S3Crawl {
  target: S3Target
  classifiers: readonly CustomClassifier[]
  isStopped: () => boolean
}

/** A crawler that found more tables than its TableThreshold. */
export class TooManyTables extends Error {}

export async function crawlS3(writer: Writer, crawl: S3Crawl): Promise<void> {
  const { crawler } = writer
  const behavior = crawler.settings.RecrawlPolicy?.RecrawlBehavior
  if (!crawler.knowsTargets || behavior === undefined || behavior === 'CRAWL_EVERYTHING') {
    await crawlWhole(writer, crawl)
    return
  }
  const objects = await listedObjects(writer.ctx, crawl.target)
  if (behavior === 'CRAWL_NEW_FOLDERS_ONLY') {
    const known = knownFolders(writer, placeOf(crawl.target.Path ?? ''))
    const fresh = objects.filter(({ key }) => !known.has(folderOf(key)))
    await crawlFolders(writer, crawl, { objects: fresh, makesTables: false })
    return
  }
  const { bucket, prefix } = placeOf(crawl.target.Path ?? '')
  const events = await queuedEvents(writer.ctx, crawl.target.EventQueueArn ?? '')
  const isBelow = (one: { bucket: string; key: string }) => one.bucket === bucket && one.key.startsWith(prefix)
  const folders = new Set(events.changed.filter(isBelow).map(({ key }) => folderOf(key)))
  writer.log(`INFO : ${events.receipts.length} messages tell of changes in ${folders.size} folders`)
  const touched = objects.filter(({ key }) => folders.has(folderOf(key)))
  await crawlFolders(writer, crawl, { objects: touched, makesTables: true })
  await settleEmptied(writer, bucket, { folders, objects })
  await deleteMessages(writer.ctx, events)
}

function readingOf({ target, classifiers, isStopped }: S3Crawl) {
  const { bucket } = placeOf(target.Path ?? '')
  return { bucket, classifiers, isStopped, ...(target.SampleSize !== undefined && { sampleSize: target.SampleSize }) }
}

async function crawlWhole(writer: Writer, crawl: S3Crawl): Promise<void> {
  const { bucket, prefix } = placeOf(crawl.target.Path ?? '')
  const objects = await listedObjects(writer.ctx, crawl.target)
  const files = await readFiles(writer.ctx, objects, readingOf(crawl))
  tellUnknown(writer, bucket, files)
  const found = tablesFound(writer.configuration, files, prefix)
  const { tablesMax } = writer.configuration
  if (tablesMax !== undefined && found.length > tablesMax)
    throw new TooManyTables(
      `The number of tables detected by the crawler: ${found.length} is greater than the table threshold value provided: ${tablesMax}.`,
    )
  const names = new Set<string>()
  for (const one of found) {
    const table = await writeTable(writer, bucket, one)
    names.add(table.name)
    const folders = new Set(one.partitions.map((partition) => `s3://${bucket}/${partition.prefix}`))
    if (one.keys.length > 0)
      await settleVanishedPartitions(
        writer,
        table,
        ({ input }) => !folders.has(slashed(input.StorageDescriptor?.Location)),
      )
  }
  await settleVanished(writer, `s3://${bucket}/${prefix}`, names)
}

function tablesFound(
  { combinesCompatibleSchemas, tableLevel }: CrawlerConfiguration,
  files: readonly CrawledFile[],
  prefix: string,
): FoundTable[] {
  const rules = { combines: combinesCompatibleSchemas, ...(tableLevel !== undefined && { level: tableLevel }) }
  const isOneObject = files.length === 1 && files[0]?.key === prefix.slice(0, -1)
  if (!isOneObject) return tablesAmong(files, prefix, rules)
  const [{ key, bytes, schema }] = files as [CrawledFile]
  const name = key.slice(key.lastIndexOf('/') + 1)
  return [{ prefix: key, name, keys: [], partitions: [], schema, bytes, objects: 1 }]
}

function tellUnknown({ log }: Writer, bucket: string, files: readonly CrawledFile[]): void {
  const unknown = files.filter(({ schema }) => schema.classification === 'UNKNOWN')
  for (const { key } of unknown.slice(0, 20)) log(`WARN : No classifier knows the format of s3://${bucket}/${key}`)
  if (unknown.length > 20) log(`WARN : … and of ${unknown.length - 20} more objects`)
}

const slashed = (location = '') => location.replace(/\/?$/, '/')

/** Folders that the Catalog has already, as a table's or a partition's. */
function knownFolders(writer: Writer, { bucket }: { bucket: string }): Set<string> {
  const { ctx } = writer
  const root = `s3://${bucket}/`
  const known = new Set<string>()
  const add = (location: string | undefined) => known.add(slashed(location).slice(root.length))
  for (const table of ctx.in(tables).list({ prefix: [databaseOf(writer)] })) {
    if (table.input.StorageDescriptor?.Location?.startsWith(root) && !table.input.PartitionKeys?.length)
      add(table.input.StorageDescriptor.Location)
  }
  for (const { input } of ctx.in(partitions).list({ prefix: [databaseOf(writer)] }))
    if (input.StorageDescriptor?.Location?.startsWith(root)) add(input.StorageDescriptor.Location)
  return known
}

/** Some folders: partitions of the tables that they lie in, if their schemas agree; what lies in none is new. */
async function crawlFolders(
  writer: Writer,
  crawl: S3Crawl,
  { objects, makesTables }: { objects: readonly ListedObject[]; makesTables: boolean },
): Promise<void> {
  const { bucket, prefix } = placeOf(crawl.target.Path ?? '')
  const files = await readFiles(writer.ctx, objects, readingOf(crawl))
  const byFolder = new Map<string, CrawledFile[]>()
  for (const file of files) byFolder.set(folderOf(file.key), [...(byFolder.get(folderOf(file.key)) ?? []), file])
  const homeless: CrawledFile[] = []
  for (const [folder, group] of byFolder) {
    const table = tableAround(writer.ctx, databaseOf(writer), `s3://${bucket}/${folder}`)
    if (!table) homeless.push(...group)
    else await crawlFolder(writer, { table, bucket, folder }, group)
  }
  if (homeless.length === 0) return
  if (!makesTables) {
    writer.log(`WARN : ${homeless.length} objects lie in no known table and were left out`)
    return
  }
  for (const found of tablesFound(writer.configuration, homeless, prefix)) await writeTable(writer, bucket, found)
}

async function crawlFolder(
  writer: Writer,
  { table, bucket, folder }: { table: Table; bucket: string; folder: string },
  files: readonly CrawledFile[],
): Promise<void> {
  const schema = mergedSchema(files.map((file) => file.schema))
  const keys = table.input.PartitionKeys ?? []
  const below = `s3://${bucket}/${folder}`.slice(slashed(table.input.StorageDescriptor?.Location).length)
  const levels = below.split('/').slice(0, -1)
  const classification = table.input.Parameters?.classification
  if (levels.length !== keys.length || schema.classification !== classification) {
    writer.log(`WARN : s3://${bucket}/${folder} does not fit the table ${table.name} and was left out`)
    return
  }
  const [one, ...rest] = files.map((file) => file.schema)
  if (one && rest.some((other) => !isSimilar(one, other, writer.configuration.combinesCompatibleSchemas)))
    writer.log(`WARN : The files of s3://${bucket}/${folder} have different schemas`)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const measured = { prefix: folder, schema, bytes, objects: files.length }
  if (keys.length === 0) await writeTable(writer, bucket, { ...measured, name: table.name, keys: [], partitions: [] })
  else {
    const values = levels.map((level) => level.replace(/^[^=]+=/, ''))
    await writePartitions(writer, { table, bucket }, [{ ...measured, values }])
  }
}

/** The innermost table that the folder lies in. */
function tableAround(ctx: Context, database: string, location: string): Table | undefined {
  let found: Table | undefined
  for (const table of ctx.in(tables).list({ prefix: [database] })) {
    const own = slashed(table.input.StorageDescriptor?.Location)
    const isInner = own.length > slashed(found?.input.StorageDescriptor?.Location).length
    if (location.startsWith(own) && (!found || isInner)) found = table
  }
  return found
}

/** Folders that events told of and that hold nothing any more. */
async function settleEmptied(
  writer: Writer,
  bucket: string,
  { folders, objects }: { folders: ReadonlySet<string>; objects: readonly ListedObject[] },
): Promise<void> {
  const full = new Set(objects.map(({ key }) => folderOf(key)))
  const emptied = new Set(
    [...folders].filter((folder) => !full.has(folder)).map((folder) => `s3://${bucket}/${folder}`),
  )
  const around = new Set([...emptied].flatMap((folder) => tableAround(writer.ctx, databaseOf(writer), folder) ?? []))
  for (const table of around)
    await settleVanishedPartitions(writer, table, ({ input }) =>
      emptied.has(slashed(input.StorageDescriptor?.Location)),
    )
}
