/** A crawl of Catalog tables: their own locations are looked through, and only they are changed. */
import type { CatalogTarget } from '@aws-sdk/client-glue'
import { tablesAmong } from '../../../engines/inference/folders.ts'
import { mergedSchema } from '../../../engines/inference/similarity.ts'
import { mustGetTable } from '../tables.ts'
import { putTable, type Writer, writePartitions } from './catalogWriting.ts'
import type { S3Crawl } from './s3Crawl.ts'
import { listedObjects, placeOf, readFiles } from './s3Files.ts'
import { tableInput } from './storage.ts'

/** Errors: EntityNotFoundException for a table that is not there. */
export async function crawlCatalog(
  writer: Writer,
  target: CatalogTarget,
  { classifiers, isStopped }: Pick<S3Crawl, 'classifiers' | 'isStopped'>,
): Promise<void> {
  const { ctx, crawler, log } = writer
  for (const name of target.Tables ?? []) {
    const table = mustGetTable(ctx, target.DatabaseName ?? '', name)
    const location = table.input.StorageDescriptor?.Location ?? ''
    const { bucket, prefix } = placeOf(location)
    const objects = await listedObjects(ctx, { Path: location })
    const files = await readFiles(ctx, objects, { bucket, classifiers, isStopped })
    if (files.length === 0) {
      log(`WARN : There is no data in ${location} of table ${table.name}`)
      continue
    }
    const own = { ...writer, crawler: { ...crawler, settings: { ...crawler.settings, DatabaseName: table.database } } }
    const [found] = tablesAmong(files, prefix, { combines: true, level: prefix.split('/').length })
    const measured = {
      prefix,
      name: table.name,
      keys: [],
      partitions: [],
      schema: mergedSchema(files.map((file) => file.schema)),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      objects: files.length,
    }
    const wanted = tableInput(measured, { name: table.name, bucket, crawler: crawler.name })
    // The table's keys are what its owner made them.
    const changed = await putTable(own, { ...wanted, PartitionKeys: table.input.PartitionKeys }, table)
    const depth = changed.input.PartitionKeys?.length ?? 0
    const fitting = (found?.partitions ?? []).filter(({ values }) => values.length === depth)
    if (depth > 0) await writePartitions(own, { table: changed, bucket }, fitting)
  }
}
