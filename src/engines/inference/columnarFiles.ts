/** Parquet by DuckDB, ORC by Python: their footers tell columns and rows, whatever their size. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import { UserError } from '../../userError.ts'
import { packageFolder } from '../functions/packageFolder.ts'
import { pythonEnvironment } from '../python/environment.ts'
import { type ColumnType, columnType } from '../sql/columnTypes.ts'
import { quoteText } from '../sql/cursor.ts'
import { spareDatabase } from '../sql/spareDatabase.ts'
import type { FileSchema } from './fileSchema.ts'
import { hiveType } from './hiveText.ts'
import { type InferredColumn, type InferredType, scalar } from './inferredTypes.ts'

export interface ColumnarFile {
  path: string
  bytes: number
}

/** What cannot be read is absent from the answer: a file cut in half, a footer of nonsense. */
export async function parquetSchemas(
  ctx: Context,
  folder: string,
  files: readonly ColumnarFile[],
): Promise<Map<string, FileSchema>> {
  const found = new Map<string, FileSchema>()
  if (files.length === 0) return found
  const databases = ctx.use(spareDatabase)
  const database = await databases.open({ folders: [folder] })
  const connection = await database.connect()
  try {
    for (const { path, bytes } of files) {
      try {
        const { columns } = await connection.query(
          `SELECT * FROM read_parquet(${quoteText(path)}, hive_partitioning=false) LIMIT 0`,
        )
        const [[rows] = [0]] = await connection.all(`SELECT num_rows FROM parquet_file_metadata(${quoteText(path)})`)
        const inferred = columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: typeOf(columnType(type)) }))
        found.set(path, columnar('parquet', { columns: inferred, records: Number(rows), bytes }))
      } catch {
        // Not readable: the caller says so of each that is missing.
      }
    }
  } finally {
    connection.close()
    databases.discard(database)
  }
  return found
}

const scalars: Record<string, string> = {
  integer: 'int',
  hugeint: 'decimal(38,0)',
  real: 'float',
  varchar: 'string',
  json: 'string',
  uuid: 'string',
  time: 'string',
  interval: 'string',
  null: 'string',
  blob: 'binary',
  timestamptz: 'timestamp',
}

function typeOf(type: ColumnType): InferredType {
  switch (type.kind) {
    case 'decimal':
      return scalar(`decimal(${type.precision},${type.scale})`)
    case 'list':
      return { kind: 'array', element: typeOf(type.element) }
    case 'map':
      return { kind: 'map', key: typeOf(type.key), value: typeOf(type.value) }
    case 'struct':
      return { kind: 'struct', fields: type.fields.map(({ name, type: inner }) => ({ name, type: typeOf(inner) })) }
    case 'scalar':
      return scalar(scalars[type.name] ?? type.name)
  }
}

function columnar(
  format: 'parquet' | 'orc',
  { columns, records, bytes }: { columns: InferredColumn[]; records: number; bytes: number },
): FileSchema {
  return {
    classification: format,
    compression: 'none',
    columns,
    serde: format,
    serdeParameters: { 'serialization.format': '1' },
    parameters: {},
    recordBytes: records > 0 ? Math.max(1, Math.floor(bytes / records)) : 0,
    records,
  }
}

/** Errors: UserError where there is no Python. */
export async function orcSchemas(ctx: Context, files: readonly ColumnarFile[]): Promise<Map<string, FileSchema>> {
  const found = new Map<string, FileSchema>()
  if (files.length === 0) return found
  const { python } = await ctx.use(pythonEnvironment).ready()
  const script = join(packageFolder(), 'runtimes/python/describe_orc.py')
  const child = spawn(python, ['-I', script], { env: {}, stdio: ['pipe', 'pipe', 'ignore'] })
  let answer = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  child.stdin.end(JSON.stringify(files.map(({ path }) => path)))
  if ((await ended) !== 0)
    throw new UserError('ORC files could not be read by Python.', { fix: 'Run `igarape doctor`.' })
  const described = JSON.parse(answer) as Record<string, { columns: [string, string][]; rows: number }>
  for (const { path, bytes } of files) {
    const one = described[path]
    if (!one) continue
    const columns = one.columns.map(([name, type]) => ({ name: name.toLowerCase(), type: hiveType(type) }))
    found.set(path, columnar('orc', { columns, records: one.rows, bytes }))
  }
  return found
}
