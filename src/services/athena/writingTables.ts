/**
 * CREATE TABLE AS, INSERT INTO, UNLOAD: the rows are written into a staging folder, and become objects all at once. A
 * table is registered only after its objects are there, so nothing half-written is ever seen; names are made of the
 * query's id, so a query that is run again after a kill writes the same objects.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import { copyText, type WrittenColumn, writtenPartitionsMax } from '../../engines/sql/athena/tableWriting.ts'
import { jsonLinesToAvro } from '../../engines/sql/avroWriting.ts'
import { partitionsOf, splitUri } from '../../engines/sql/catalogFiles.ts'
import { parquetToOrc } from '../../engines/sql/convertedFiles.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import { addPartitions, type Lines, type StatementPlace } from './catalogStatements.ts'
import { executions, type Registration } from './executions.ts'
import { withQuery } from './selecting.ts'
import { checkPartitionCount, type WriteTarget, type Writing, writeTarget } from './writeTargets.ts'

const hivePartitionDefault = '__HIVE_DEFAULT_PARTITION__'

interface WrittenFile {
  path: string
  key: string
  values: { name: string; value: string }[]
}

export async function tableAsQuery(statement: Writing, place: StatementPlace, ctx: Context): Promise<Lines> {
  const kept = ctx.in(executions).get(place.id)?.registration
  if (kept) return register(kept, ctx)
  const target = await writeTarget(statement, place, ctx)
  if (!target) return { columns: [], rows: [] }
  const { bucket, prefix } = splitUri(target.location)
  const folder = prefix === '' ? '' : prefix.replace(/\/?$/, '/')
  if (!target.isAdded) await checkEmpty(ctx, { bucket, folder, id: place.id })
  const staging = await ctx.use(lake).stagingFolder()
  try {
    const out = join(staging, 'out')
    mkdirSync(out)
    const written = await write({ statement, target, out, staging }, place, ctx)
    await converted(target, { out, columns: written.columns }, ctx)
    const files = await placed({ out, bucket, folder, target }, ctx)
    checkNotStopped(ctx, place.id)
    const leftovers = await leftoversOf(place, { bucket, folder }, ctx)
    await ctx.use(lake).commit({ scope: ctx, bucket, files, delete: { keys: leftovers } })
    const registration = registrationOf(target, { bucket, files, ...written })
    await ctx.commit((tx) => {
      const execution = tx.in(executions).get(place.id)
      if (execution) tx.in(executions).put({ ...execution, registration })
    })
    return await register(registration, ctx)
  } catch (error) {
    const leftovers = await leftoversOf(place, { bucket, folder }, ctx)
    if (leftovers.length > 0) await ctx.use(lake).commit({ scope: ctx, bucket, files: [], delete: { keys: leftovers } })
    throw error
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function write(
  from: { statement: Writing; target: WriteTarget; out: string; staging: string },
  place: StatementPlace,
  ctx: Context,
) {
  const { statement, target, out, staging } = from
  let columns: WrittenColumn[] = []
  const answer = await withQuery(
    { ...place, sql: statement.query, parameters: place.parameters ?? [], without: place.id },
    ctx,
    async (running, bytesScanned) => {
      let rows = 0n
      for await (const batch of running.rows()) for (const row of batch) rows += BigInt(String(row[0] ?? 0))
      return { rows: Number(rows), bytesScanned }
    },
    {
      folder: staging,
      copy: (compiled) => {
        columns = target.columns(compiled)
        const rows = target.isEmpty ? { ...compiled, sql: `SELECT * FROM (${compiled.sql}) AS e LIMIT 0` } : compiled
        return copyText(rows, columns, target.form, { folder: out, name: place.id })
      },
    },
  )
  return { ...answer, columns }
}

/** ORC and Avro are not written by the engine itself. */
async function converted(
  { form }: WriteTarget,
  { out, columns }: { out: string; columns: readonly WrittenColumn[] },
  ctx: Context,
): Promise<void> {
  if (form.format === 'ORC') await parquetToOrc(ctx, filesUnder(out), form.compression)
  if (form.format !== 'AVRO') return
  const codec = form.compression === 'null' ? 'null' : 'deflate'
  const inFile = columns.filter(({ name }) => !form.partitionedBy.includes(name))
  for (const path of filesUnder(out)) {
    await jsonLinesToAvro(path, path.replace(/\.json$/, '.avro'), { columns: inFile, codec })
    rmSync(path)
  }
}

/** The staged files with their keys: below the table's folder, or where a partition has its own place. */
async function placed(
  from: { out: string; bucket: string; folder: string; target: WriteTarget },
  ctx: Context,
): Promise<WrittenFile[]> {
  const { out, bucket, folder, target } = from
  const places = target.isAdded && target.form.partitionedBy.length > 0 ? await partitionPlaces(target, ctx) : undefined
  const files = filesUnder(out).map((path) => {
    const segments = relative(out, path).split('/')
    const file = segments.pop() as string
    const values = segments.map((segment) => {
      const [name = '', ...rest] = segment.split('=')
      return { name: decodeURIComponent(name), value: decodeURIComponent(rest.join('=')) }
    })
    const bucketNumber = bucketOf(values, target)
    const own = places?.get(JSON.stringify(values.map(({ value }) => value)))
    if (own && splitUri(own).bucket !== bucket) throw notSupported('INSERT INTO a partition in another bucket')
    const standard = values.map(({ name, value }) => `${name}=${hivePathName(value)}/`).join('')
    const base = own ? splitUri(own).prefix.replace(/\/?$/, '/') : `${folder}${standard}`
    return { path, key: `${base}${bucketNumber === undefined ? file : bucketName(bucketNumber, file)}`, values }
  })
  checkPartitionCount(new Set(files.map(({ path }) => dirname(path))).size, writtenPartitionsMax)
  return files
}

/** Takes the bucket's folder out of a staged file's. */
function bucketOf(values: { value: string }[], { form }: WriteTarget): number | undefined {
  return form.bucketedBy && Number(values.pop()?.value)
}

/** `000001_0_<query id>.parquet`: Hive finds the bucket in front. */
function bucketName(bucket: number, file: string): string {
  const [, id = '', part = '0', ending = ''] = /^(.*)_(\d+)(\.[^_]*)$/.exec(file) ?? []
  return `${String(bucket).padStart(6, '0')}_${part}_${id}${ending}`
}

async function partitionPlaces(target: WriteTarget, ctx: Context): Promise<Map<string, string>> {
  if (!target.partitionsOf) return new Map()
  const known = await partitionsOf(ctx, { database: target.database, name: target.partitionsOf })
  return new Map(known.map(({ values, location }) => [JSON.stringify(values), location]))
}

/** Hive escapes what a path could take amiss, and nothing else. */
function hivePathName(value: string): string {
  if (value === '') return hivePartitionDefault
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return value.replace(/[\u0001-\u001f"#%'*/:=?\\\u007f{[\]^]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

function registrationOf(
  target: WriteTarget,
  written: {
    bucket: string
    files: readonly WrittenFile[]
    columns: readonly WrittenColumn[]
    rows: number
    bytesScanned: number
  },
): Registration {
  const { bucket, files, rows, bytesScanned } = written
  const partitions = new Map(
    files.map(({ key, values }) => {
      const location = `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`
      return [location, { values, location }]
    }),
  )
  const isPartitioned = target.partitionsOf !== undefined && target.form.partitionedBy.length > 0
  return {
    database: target.database,
    ...(target.created && { table: target.created(written.columns) }),
    ...(isPartitioned && { partitionsOf: target.partitionsOf as string }),
    partitions: isPartitioned ? [...partitions.values()] : [],
    rows,
    bytesScanned,
    manifest: files.map(({ key }) => `s3://${bucket}/${key}`),
  }
}

/** Done again after a kill, it finds its own table there. */
async function register(written: Registration, ctx: Context): Promise<Lines> {
  const { database, table, partitionsOf: name, partitions, rows, bytesScanned, manifest } = written
  if (table) await createOnce(ctx, database, table)
  if (name && partitions.length > 0) await addPartitions(ctx, { database, name, partitions, ifNotExists: true })
  return { columns: ['rows'], rows: [], bytesScanned, updateCount: rows, manifest }
}

async function createOnce(ctx: Context, DatabaseName: string, TableInput: TableInput): Promise<void> {
  const glue = ctx.call('glue')
  try {
    await glue.CreateTable({ DatabaseName, TableInput })
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'AlreadyExistsException')) throw error
    const { Table } = await glue.GetTable({ DatabaseName, Name: TableInput.Name ?? '' })
    if (Table?.StorageDescriptor?.Location !== TableInput.StorageDescriptor?.Location) throw error
  }
}

/** The objects that an earlier run of this very query committed before a kill. */
async function leftoversOf(
  { id, isAgain }: StatementPlace,
  { bucket, folder }: { bucket: string; folder: string },
  ctx: Context,
): Promise<string[]> {
  if (!isAgain) return []
  const found = await ctx.use(lake).list({ scope: ctx, bucket, prefix: folder }, ({ key }) => key.includes(id))
  return found.map(({ key }) => key)
}

/** A query that was stopped leaves nothing. */
function checkNotStopped(ctx: Context, id: string): void {
  if (ctx.in(executions).get(id)?.state === 'CANCELLED')
    throw new SqlError('Query was cancelled.', undefined, 'USER_CANCELLED')
}

/** What an earlier, killed run of this very query left does not count. */
async function checkEmpty(ctx: Context, place: { bucket: string; folder: string; id: string }): Promise<void> {
  const where = { scope: ctx, bucket: place.bucket, prefix: place.folder }
  const view = await ctx.use(lake).open(where, { names: 'numbered' })
  await view.close()
  if (view.files.some((file) => !file.key.slice(place.folder.length).includes(place.id))) {
    throw new SqlError(
      `Target directory for table already exists: s3://${place.bucket}/${place.folder}`,
      undefined,
      'HIVE_PATH_ALREADY_EXISTS',
    )
  }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}
