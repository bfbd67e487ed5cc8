/** The first rows of an object, or its first text, for the console: read by the SQL engine from a link, never whole. */
import { open } from 'node:fs/promises'
import { lake } from '../delivery/lake.ts'
import type { Platform } from '../delivery/platform.ts'
import { quoteText } from '../engines/sql/cursor.ts'
import { Database, type Value } from '../engines/sql/duckdb.ts'
import { SqlError } from '../engines/sql/sqlError.ts'
import { json, type Route, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'

const rowsMax = 200
const textBytesMax = 64 * 1024
const cellCharactersMax = 2_000
const memoryBytesMax = 512 * 2 ** 20

export const consolePreviewRoutes: readonly Route[] = [
  route('GET', '/_igarape/console/preview', async ({ query }, platform) =>
    json(await preview(platform, query.get('bucket') ?? '', query.get('key') ?? '')),
  ),
]

/** `{columns, rows, count?}` of a table, or `{text, isCut}`, or `{isBinary}`. Errors: 404. */
async function preview(platform: Platform, bucket: string, key: string): Promise<object> {
  const scope = { account: platform.options.account, region: platform.options.region }
  const view = await platform.use(lake).open({ scope, bucket, prefix: key }, { keys: [key], names: 'numbered' })
  try {
    const file = view.files[0]
    if (!file) throw awsError('NoSuchKey', `The bucket ${bucket} has no object ${key}.`, 404)
    const reader = readerOf(key, file.path)
    const table = reader ? await firstRows(view.folder, reader) : {}
    const text = reader?.startsWith('read_parquet') ? {} : await firstText(file.path)
    return { bytes: file.bytes, ...text, ...table }
  } finally {
    await view.close()
  }
}

function readerOf(key: string, path: string): string | undefined {
  const [, kind, packed] = /\.(parquet|csv|tsv|json|jsonl|ndjson)(\.gz)?$/i.exec(key) ?? []
  const compression = packed ? ", compression='gzip'" : ''
  if (!kind) return undefined
  if (kind === 'parquet') return `read_parquet(${quoteText(path)})`
  if (kind === 'csv' || kind === 'tsv')
    return `read_csv(${quoteText(path)}, all_varchar=true, ignore_errors=true, null_padding=true${compression})`
  return `read_json_auto(${quoteText(path)}, ignore_errors=false${compression})`
}

async function firstRows(folder: string, reader: string): Promise<object> {
  const database = await Database.open({ folders: [folder], limits: { memoryBytesMax, threads: 1 } })
  const connection = await database.connect()
  try {
    const described = await connection.all(`DESCRIBE SELECT * FROM ${reader}`)
    const rows = await connection.all(`SELECT COLUMNS(*)::VARCHAR FROM ${reader} LIMIT ${rowsMax}`)
    const count = reader.startsWith('read_parquet') ? await connection.all(`SELECT count(*) FROM ${reader}`) : undefined
    return {
      columns: described.map(([name, type]) => ({ name: String(name), type: String(type) })),
      rows: rows.map((row) => row.map(cellOf)),
      ...(count && { count: Number(count[0]?.[0]) }),
    }
  } catch (error) {
    if (error instanceof SqlError) return { problem: error.message }
    throw error
  } finally {
    connection.close()
    database.close()
  }
}

function cellOf(value: Value): string | null {
  return value === null ? null : String(value).slice(0, cellCharactersMax)
}

async function firstText(path: string): Promise<object> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(textBytesMax), 0, textBytesMax, 0)
    const head = buffer.subarray(0, bytesRead)
    if (head.includes(0)) return { isBinary: true }
    return { text: head.toString('utf8'), isCut: bytesRead === textBytesMax }
  } finally {
    await file.close()
  }
}
