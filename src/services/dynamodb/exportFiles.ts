/** The files of an export: items as lines of JSON, in parts of some megabytes, and manifests that name them. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context, Tx } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import { type Export, exportArn, exportFolder, tableExports } from './exports.ts'
import { hashOf } from './keys.ts'
import { pagesOf } from './tableCopies.ts'
import { tableArn } from './tables.ts'
import { tableWork } from './tableWork.ts'
import { type Item, itemSize } from './values.ts'

const partBytesMax = 16 * 1024 * 1024
const compressed = promisify(gzip)

interface DataFile {
  itemCount: number
  md5Checksum: string
  etag: string
  dataFileS3Key: string
}

/** Names are the same at every try: a killed server writes the same files again. */
export async function finishExport(ctx: Context, id: string, holder: string): Promise<(tx: Tx) => void> {
  const one = ctx.in(tableExports).get(id)
  const end = one && (await written(ctx, one, holder))
  return (tx) => {
    if (one && end) tx.in(tableExports).put({ ...one, end: { at: tx.now, ...end } })
    tx.due(tableWork).put({ id: `purge ${holder}`, dueAt: tx.now, kind: 'purge', holder })
  }
}

async function written(ctx: Context, one: Export, holder: string) {
  let [bytes, count] = [0, 0]
  const files: DataFile[] = []
  let part = new Part()
  try {
    await put(ctx, one, '_started', Buffer.alloc(0))
    for await (const page of pagesOf(ctx, holder)) {
      for (const { item } of page) part.add(item)
      if (part.characters < partBytesMax) continue
      files.push(await putPart(ctx, one, files.length, part))
      bytes += part.itemBytes
      count += part.lines.length
      part = new Part()
    }
    if (part.lines.length > 0) files.push(await putPart(ctx, one, files.length, part))
    bytes += part.itemBytes
    count += part.lines.length
    await putManifests(ctx, one, files, { bytes, count })
    return { bytes, count }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { bytes: 0, count: 0, failure: { code: `S3${error.code}`, message: error.message } }
  }
}

class Part {
  readonly lines: string[] = []
  characters = 0
  itemBytes = 0

  add(item: Item): void {
    const line = JSON.stringify({ Item: item }, (_, value) => (isBytes(value) ? textOf(value) : value))
    this.lines.push(line)
    this.characters += line.length
    this.itemBytes += itemSize(item)
  }
}

/** A Buffer turns itself into an object before it is asked. */
function isBytes(value: unknown): value is Uint8Array | { type: 'Buffer'; data: number[] } {
  return (
    value instanceof Uint8Array || (typeof value === 'object' && (value as { type?: string } | null)?.type === 'Buffer')
  )
}

function textOf(value: Uint8Array | { data: number[] }): string {
  return Buffer.from(value instanceof Uint8Array ? value : value.data).toString('base64')
}

async function putPart(ctx: Context, one: Export, index: number, { lines }: Part): Promise<DataFile> {
  const body = await compressed(`${lines.join('\n')}\n`)
  const name = hashOf(`${one.id}/${index}`).replace(/[-_]/g, '').slice(0, 26).toLowerCase()
  const path = `data/${name}.json.gz`
  const md5 = createHash('md5').update(body).digest()
  await put(ctx, one, path, body)
  return {
    itemCount: lines.length,
    md5Checksum: md5.toString('base64'),
    etag: md5.toString('hex'),
    dataFileS3Key: `${exportFolder(one)}/${path}`,
  }
}

async function putManifests(
  ctx: Context,
  one: Export,
  files: readonly DataFile[],
  { bytes, count }: { bytes: number; count: number },
): Promise<void> {
  const summary = {
    version: '2020-06-30',
    exportArn: exportArn(ctx, one),
    startTime: new Date(one.startedAt).toISOString(),
    endTime: new Date(ctx.clock.now()).toISOString(),
    tableArn: tableArn(one.tableName, ctx),
    tableId: one.tableId,
    exportTime: new Date(one.at).toISOString(),
    s3Bucket: one.bucket,
    s3Prefix: one.prefix ?? null,
    s3SseAlgorithm: one.sse.algorithm ?? 'AES256',
    s3SseKmsKeyId: one.sse.keyId ?? null,
    manifestFilesS3Key: `${exportFolder(one)}/manifest-files.json`,
    billedSizeBytes: bytes,
    itemCount: count,
    outputFormat: 'DYNAMODB_JSON',
    exportType: 'FULL_EXPORT',
  }
  const texts = {
    'manifest-files': files.map((file) => `${JSON.stringify(file)}\n`).join(''),
    'manifest-summary': JSON.stringify(summary),
  }
  for (const [name, text] of Object.entries(texts)) {
    await put(ctx, one, `${name}.json`, Buffer.from(text))
    await put(ctx, one, `${name}.md5`, Buffer.from(createHash('md5').update(text).digest('base64')))
  }
}

async function put(ctx: Context, one: Export, path: string, body: Uint8Array): Promise<void> {
  await ctx.call('s3').PutObject({
    Bucket: one.bucket,
    Key: `${exportFolder(one)}/${path}`,
    Body: body as never,
    ...(one.sse.algorithm && { ServerSideEncryption: one.sse.algorithm as 'AES256' }),
    ...(one.sse.keyId && { SSEKMSKeyId: one.sse.keyId }),
  })
}
