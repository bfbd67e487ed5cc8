/** ImportTable: a new table from files in a bucket. Files are read one after the other; one that was cut off is read again. */
import type { CsvOptions, ImportTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type FileFormat, itemsInFile } from './importFiles.ts'
import { checkNewItem, readItem, writeItem } from './storage.ts'
import { newTable } from './tableOperations.ts'
import { type Table, tableArn, tableNameOf, tables } from './tables.ts'
import { checkedItem, type Item } from './values.ts'

const { ImportNotFoundException, ResourceInUseException } = awsErrors('dynamodb')

const pageMax = 25
const itemsAtOnce = 200

interface Counts {
  processed: number
  imported: number
  errors: number
  bytes: number
}

interface Import {
  /** The end of its ARN. */
  id: string
  tableName: string
  tableId: string
  startedAt: Millis
  source: { bucket: string; prefix?: string }
  format: FileFormat
  parameters: ImportTableCommandInput['TableCreationParameters']
  token?: string
  counts: Counts
  end?: { at: Millis; failure?: { code: string; message: string } }
}

export const tableImports = collection<Import>('dynamodb/imports', { version: 1, key: ({ id }) => [id] })

interface ImportWork extends Due {
  importId: string
  /** The key of the file that was read last. */
  after?: string
}

const importWork = dueQueue<ImportWork>('dynamodb/imports')

export const importWorker = worker('dynamodb/imports', {
  queue: importWork,
  concurrency: 2,
  async run(work, ctx) {
    const one = ctx.in(tableImports).get(work.importId)
    const table = one && ctx.in(tables).get(one.tableName)
    if (!one || table?.id !== one.tableId) return await ctx.commit((tx) => tx.due(importWork).delete(work.id))
    try {
      await importNext(ctx, one, table, work)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      await ctx.commit((tx) => ended(tx, work, { code: `S3${error.code}`, message: error.message }))
    }
  },
})

export const importOperations = operations('dynamodb', {
  async ImportTable(input, ctx) {
    const format = formatFrom(input)
    const parameters = input.TableCreationParameters
    for (const name of ['OnDemandThroughput', 'VectorIndexes'] as const) {
      if (parameters[name] !== undefined) throw NotImplemented(`ImportTable with ${name}`)
    }
    const wanted = newTable(parameters as never, ctx)
    const made = await ctx.commit((tx) => {
      const known =
        input.ClientToken && [...tx.in(tableImports).list()].find(({ token }) => token === input.ClientToken)
      if (known) return known
      if (tx.in(tables).has(wanted.name)) throw ResourceInUseException(`Table already exists: ${wanted.name}`)
      tx.in(tables).put({ ...wanted, isBeingMade: true })
      const { S3Bucket: bucket = '', S3KeyPrefix: prefix } = input.S3BucketSource
      const one: Import = {
        id: `${String(tx.now).padStart(14, '0')}-${tx.random.hex(8)}`,
        ...{ tableName: wanted.name, tableId: wanted.id, startedAt: tx.now, format, parameters },
        source: { bucket, ...(prefix && { prefix }) },
        ...(input.ClientToken && { token: input.ClientToken }),
        counts: { processed: 0, imported: 0, errors: 0, bytes: 0 },
      }
      tx.in(tableImports).put(one)
      tx.due(importWork).put({ id: tx.random.uuid(), dueAt: tx.now, importId: one.id })
      return one
    })
    return { ImportTableDescription: described(ctx, made) }
  },

  async DescribeImport(input, ctx) {
    const found = ctx.in(tableImports).get(input.ImportArn.slice(input.ImportArn.lastIndexOf('/') + 1))
    if (!found) throw ImportNotFoundException(`Import not found: ${input.ImportArn}`)
    return { ImportTableDescription: described(ctx, found) }
  },

  async ListImports(input, ctx) {
    const name = input.TableArn && tableNameOf(input.TableArn)
    const range = input.NextToken ? { after: [input.NextToken] } : {}
    const all = [...ctx.in(tableImports).list(range)].filter((one) => !name || one.tableName === name)
    const page = all.slice(0, input.PageSize ?? pageMax)
    return {
      ImportSummaryList: page.map((one) => {
        const { ImportArn, ImportStatus, TableArn, S3BucketSource, InputFormat, StartTime, EndTime } = described(
          ctx,
          one,
        )
        return {
          ImportArn,
          ImportStatus,
          TableArn,
          S3BucketSource,
          InputFormat,
          StartTime,
          ...(EndTime && { EndTime }),
        }
      }),
      ...(page.length < all.length && { NextToken: (page.at(-1) as Import).id }),
    }
  },
})

function formatFrom(input: ImportTableCommandInput): FileFormat {
  const { InputFormat: kind, InputCompressionType: compression = 'NONE' } = input
  if (kind !== 'CSV' && kind !== 'DYNAMODB_JSON') throw NotImplemented(`ImportTable of the format ${kind}`)
  if (compression !== 'NONE' && compression !== 'GZIP') throw NotImplemented(`ImportTable of files in ${compression}`)
  const { Delimiter: delimiter = ',', HeaderList: header }: CsvOptions = input.InputFormatOptions?.Csv ?? {}
  return { kind, compression, delimiter, ...(header && { header }) }
}

/** The next file, or the end. */
async function importNext(ctx: Context, one: Import, table: Table, work: ImportWork): Promise<void> {
  const { bucket: Bucket, prefix: Prefix } = one.source
  const { Contents = [] } = await ctx.call('s3').ListObjectsV2({ Bucket, Prefix, StartAfter: work.after, MaxKeys: 1 })
  const Key = Contents[0]?.Key
  if (Key === undefined) return await ctx.commit((tx) => ended(tx, work))
  const counts: Counts = { ...one.counts, bytes: one.counts.bytes + (Contents[0]?.Size ?? 0) }
  const { Body } = await ctx.call('s3').GetObject({ Bucket, Key })
  let bundle: (Item | undefined)[] = []
  const put = async () => {
    const { imported, errors } = await ctx.commit((tx) => putAll(tx, table, bundle))
    counts.processed += bundle.length
    counts.imported += imported
    counts.errors += errors
    bundle = []
  }
  for await (const item of itemsInFile(Body, one.format, table.keys)) {
    if (bundle.push(item) === itemsAtOnce) await put()
  }
  await put()
  await ctx.commit((tx) => {
    const present = tx.in(tableImports).get(one.id)
    if (present) tx.in(tableImports).put({ ...present, counts })
    tx.due(importWork).delete(work.id)
    tx.due(importWork).put({ ...work, id: tx.random.uuid(), dueAt: tx.now, after: Key })
  })
}

/** What is no item of the table is counted, and left out. */
function putAll(tx: Tx, table: Table, all: readonly (Item | undefined)[]): { imported: number; errors: number } {
  let imported = 0
  for (const given of all) {
    try {
      const after = given && checkedItem(given)
      if (!after) continue
      checkNewItem(after, table)
      writeItem(tx, table, { before: readItem(tx, table, after), after })
      imported++
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
    }
  }
  return { imported, errors: all.length - imported }
}

function ended(tx: Tx, work: ImportWork, failure?: { code: string; message: string }): void {
  const one = tx.in(tableImports).get(work.importId)
  tx.due(importWork).delete(work.id)
  if (!one) return
  tx.in(tableImports).put({ ...one, end: { at: tx.now, ...(failure && { failure }) } })
  const table = tx.in(tables).get(one.tableName)
  if (table?.id !== one.tableId) return
  const { isBeingMade: _, ...whole } = table
  tx.in(tables).put(whole)
}

function described(ctx: Context, one: Import) {
  const { counts, end, format, source } = one
  const TableArn = tableArn(one.tableName, ctx)
  const status = !end ? 'IN_PROGRESS' : end.failure ? 'FAILED' : 'COMPLETED'
  const Csv = { Delimiter: format.delimiter, ...(format.header && { HeaderList: [...format.header] }) }
  return {
    ImportArn: `${TableArn}/import/${one.id}`,
    ImportStatus: status as 'COMPLETED',
    TableArn,
    TableId: one.tableId,
    ...(one.token && { ClientToken: one.token }),
    S3BucketSource: { S3Bucket: source.bucket, ...(source.prefix && { S3KeyPrefix: source.prefix }) },
    InputFormat: format.kind,
    ...(format.kind === 'CSV' && { InputFormatOptions: { Csv } }),
    InputCompressionType: format.compression,
    TableCreationParameters: one.parameters as never,
    StartTime: new Date(one.startedAt),
    ProcessedItemCount: counts.processed,
    ProcessedSizeBytes: counts.bytes,
    ImportedItemCount: counts.imported,
    ErrorCount: counts.errors,
    ...(end && { EndTime: new Date(end.at) }),
    ...(end?.failure && { FailureCode: end.failure.code, FailureMessage: end.failure.message }),
  }
}
