/** CREATE TABLE AS, INSERT INTO, UNLOAD and CREATE VIEW: a query whose rows, or whose text, become part of the lake. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { storageForms } from '../../engines/sql/athena/hiveDdl.ts'
import { catalogTable, splitUri } from '../../engines/sql/catalogFiles.ts'
import { formatOf } from '../../engines/sql/catalogTable.ts'
import { quoteName, quoteText } from '../../engines/sql/cursor.ts'
import { duckTypeOf, parseHiveType } from '../../engines/sql/hiveTypes.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { toHive } from '../../engines/sql/trino/hiveColumns.ts'
import { addPartitions, databaseOf, type Lines, type StatementPlace } from './catalogStatements.ts'
import { withQuery } from './selecting.ts'

type Writing = Extract<AthenaStatement, { kind: 'createTableAs' | 'insert' | 'unload' }>

interface Target {
  database: string
  location: string
  partitionedBy: string[]
  /** Casts the query's columns to the table's, by position. */
  project?: (select: string) => string
  compression: string
  create?: { name: string }
  name?: string
  mustBeEmpty: boolean
}

export async function tableAsQuery(statement: Writing, place: StatementPlace, ctx: Context): Promise<Lines> {
  const target = await targetOf(statement, place, ctx)
  const { bucket, prefix } = splitUri(target.location)
  const folder = prefix.replace(/\/?$/, '/')
  if (target.mustBeEmpty) await checkEmpty(ctx, { bucket, folder, id: place.id })
  const staging = await ctx.use(lake).stagingFolder()
  const out = join(staging, 'out')
  mkdirSync(out)
  const options = [
    `FORMAT parquet`,
    `COMPRESSION ${target.compression}`,
    ...(target.partitionedBy.length > 0
      ? [`PARTITION_BY (${target.partitionedBy.map(quoteName).join(', ')})`, `FILENAME_PATTERN '${place.id}_{i}'`]
      : []),
  ]
  const file = target.partitionedBy.length > 0 ? out : join(out, `${place.id}_0.parquet`)
  const copy = (select: string) =>
    `COPY (${target.project ? target.project(select) : select}) TO ${quoteText(file)} (${options.join(', ')})`
  try {
    const written = await withQuery(
      { ...place, sql: statement.query, parameters: [] },
      ctx,
      async (running, bytesScanned) => {
        let rows = 0n
        for await (const batch of running.rows()) for (const row of batch) rows += BigInt(String(row[0] ?? 0))
        return { rows: Number(rows), bytesScanned, columns: running.described ?? [] }
      },
      { folder: staging, copy },
    )
    const files = filesUnder(out).map((path) => ({ path, key: `${folder}${relative(out, path)}` }))
    await ctx.use(lake).commit({ scope: { account: ctx.account, region: ctx.region }, bucket, files })
    if (target.create) await register(ctx, { ...target, create: target.create }, written.columns)
    const partitions = [
      ...new Set(files.map((one) => one.key.slice(folder.length).split('/').slice(0, -1).join('/'))),
    ].filter((path) => path !== '')
    const name = target.create?.name ?? target.name
    if (name && partitions.length > 0) {
      const specs = partitions.map((path) => ({
        values: path.split('/').map((pair) => ({
          name: pair.split('=')[0] as string,
          value: decodeURIComponent(pair.split('=').slice(1).join('=')),
        })),
        location: `s3://${bucket}/${folder}${path}/`,
      }))
      await addPartitions(ctx, { database: target.database, name, partitions: specs, ifNotExists: true })
    }
    return { columns: ['rows'], rows: [], bytesScanned: written.bytesScanned, updateCount: written.rows }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function targetOf(statement: Writing, place: StatementPlace, ctx: Context): Promise<Target> {
  if (statement.kind === 'unload') {
    checkProperties(statement.properties, ['format', 'compression', 'partitioned_by'])
    return {
      database: place.database,
      location: statement.location,
      mustBeEmpty: true,
      ...writeForm(statement.properties),
    }
  }
  const database = databaseOf(statement.name, place)
  if (statement.kind === 'createTableAs') {
    checkProperties(statement.properties, [
      'format',
      'external_location',
      'partitioned_by',
      'write_compression',
      'parquet_compression',
    ])
    const exists = await catalogTable(ctx, { database, table: statement.name.name }).then(
      () => true,
      () => false,
    )
    if (exists)
      throw new SqlError(
        `line 1:1: Destination table 'awsdatacatalog.${database}.${statement.name.name}' already exists`,
        undefined,
        'TABLE_ALREADY_EXISTS',
      )
    const given = statement.properties.external_location
    if (typeof given !== 'string') throw notSupported('CREATE TABLE AS without external_location')
    const project = statement.withData ? {} : { project: (select: string) => `SELECT * FROM (${select}) LIMIT 0` }
    return {
      database,
      location: given,
      mustBeEmpty: true,
      create: { name: statement.name.name },
      ...writeForm(statement.properties),
      ...project,
    }
  }
  return insertTarget(statement, database, ctx)
}

async function insertTarget(
  statement: Extract<Writing, { kind: 'insert' }>,
  database: string,
  ctx: Context,
): Promise<Target> {
  if (statement.columns) throw notSupported('INSERT INTO with a list of columns')
  const table = await catalogTable(ctx, { database, table: statement.name.name })
  if (formatOf(table) !== 'parquet') throw notSupported('INSERT INTO a table that is not Parquet')
  const all = [...table.columns, ...table.partitionKeys]
  const project = (select: string) =>
    `SELECT ${all.map((column, i) => `CAST(c${i} AS ${duckTypeOf(parseHiveType(column.type))}) AS ${quoteName(column.name)}`).join(', ')} FROM (${select}) AS q(${all.map((_, i) => `c${i}`).join(', ')})`
  return {
    database,
    location: table.location,
    partitionedBy: table.partitionKeys.map((key) => key.name),
    compression: 'snappy',
    mustBeEmpty: false,
    name: table.name,
    project,
  }
}

function checkProperties(given: Record<string, unknown>, known: string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown) throw notSupported(`The table property ${unknown}`)
}

function writeForm(given: Record<string, string | string[]>): { partitionedBy: string[]; compression: string } {
  const format = String(given.format ?? 'PARQUET').toUpperCase()
  if (format !== 'PARQUET') throw notSupported(`Writing ${format}`)
  const compression = String(
    given.write_compression ?? given.parquet_compression ?? given.compression ?? 'GZIP',
  ).toLowerCase()
  if (!['gzip', 'snappy', 'zstd', 'none'].includes(compression)) throw notSupported(`The compression ${compression}`)
  return {
    partitionedBy: [given.partitioned_by ?? []].flat(),
    compression: compression === 'none' ? 'uncompressed' : compression,
  }
}

/** What an earlier, killed run of this very query left does not count. */
async function checkEmpty(ctx: Context, place: { bucket: string; folder: string; id: string }): Promise<void> {
  const view = await ctx
    .use(lake)
    .open({ scope: ctx, bucket: place.bucket, prefix: place.folder }, { names: 'numbered' })
  await view.close()
  if (view.files.some((file) => !file.key.includes(place.id))) {
    throw new SqlError(
      `HIVE_PATH_ALREADY_EXISTS: Target directory for table already exists: s3://${place.bucket}/${place.folder}`,
      undefined,
      'HIVE_PATH_ALREADY_EXISTS',
    )
  }
}

async function register(
  ctx: Context,
  target: Target & { create: { name: string } },
  columns: { name: string; type: string }[],
): Promise<void> {
  const form = storageForms.PARQUET as { serde: string; input: string; output: string }
  const anonymous = columns.findIndex((column) => /^_(anon_|col)\d+$/.test(column.name))
  if (anonymous >= 0)
    throw new SqlError(
      `line 1:1: Column name not specified at position ${anonymous + 1}`,
      undefined,
      'MISSING_COLUMN_NAME',
    )
  const column = (c: { name: string; type: string }) => ({ Name: c.name.toLowerCase(), Type: c.type })
  const isKey = (c: { name: string }) => target.partitionedBy.includes(c.name.toLowerCase())
  await ctx.call('glue').CreateTable({
    DatabaseName: target.database,
    TableInput: {
      Name: target.create.name,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
      PartitionKeys: columns.filter(isKey).map(column),
      StorageDescriptor: {
        Columns: columns.filter((c) => !isKey(c)).map(column),
        Location: target.location,
        InputFormat: form.input,
        OutputFormat: form.output,
        SerdeInfo: { SerializationLibrary: form.serde, Parameters: {} },
      },
    },
  })
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}

/** A view's table in the Catalog: its query checked by running none of its rows. */
export async function viewText(
  statement: Extract<AthenaStatement, { kind: 'createView' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<TableInput> {
  const columns = await withQuery({ ...place, sql: statement.query, parameters: [] }, ctx, async (running) =>
    running.columns.map((column) => ({ Name: column.name.toLowerCase(), Type: toHive(column.type) })),
  )
  const anonymous = columns.findIndex((column) => /^_col\d+$/.test(column.Name))
  if (anonymous >= 0)
    throw new SqlError(
      `line 1:1: Column name not specified at position ${anonymous + 1}`,
      undefined,
      'MISSING_COLUMN_NAME',
    )
  const encoded = Buffer.from(
    JSON.stringify({
      originalSql: statement.query,
      catalog: 'awsdatacatalog',
      schema: place.database,
      columns: columns.map(({ Name, Type }) => ({ name: Name, type: Type })),
    }),
  ).toString('base64')
  return {
    Name: statement.name.name,
    TableType: 'VIRTUAL_VIEW',
    ViewOriginalText: `/* Presto View: ${encoded} */`,
    ViewExpandedText: '/* Presto View */',
    Parameters: { presto_view: 'true', comment: 'Presto View' },
    PartitionKeys: [],
    StorageDescriptor: { Columns: columns, Location: '', SerdeInfo: {} },
  }
}
