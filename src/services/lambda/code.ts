/** Archives of code and layers: taken inline or from S3, checked, kept as blobs, and given back at a link. */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Context, Tx } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { BadArchive, inspectArchive } from '../../engines/functions/archives.ts'
import { CodeFolders } from '../../engines/functions/codeFolders.ts'
import { type Blob, BlobStore, blobRecords } from '../../store/blobs.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { json, route } from '../route.ts'
import { user } from './identifiers.ts'

const { InvalidParameterValueException, RequestTooLargeException } = awsErrors('lambda')

/** 50 MB: the limit of an archive that comes with the request. One from S3 is limited by what it unpacks to. */
const inlineBytesMax = 50 * 1024 * 1024
const serverless = { account: '', region: '' }

export interface PackedCode {
  blobId: string
  bytes: number
  /** SHA-256 in base64, as `CodeSha256` has it. */
  sha256: string
  /** Together, what it unpacks to. */
  unzippedBytes: number
}

export const codeBlobs = singleton('lambda code', (platform) => {
  const blobs = new BlobStore({
    folder: `${platform.dataFolder}/lambda-code`,
    durable: !platform.options.inMemory,
    random: platform.random,
    records: platform.store.in(blobRecords, serverless),
  })
  void blobs.sweep()
  return blobs
})

export const codeFolders = singleton(
  'lambda code folders',
  (platform) => new CodeFolders(`${platform.dataFolder}/lambda-unpacked`),
)

export interface CodeInput {
  ZipFile?: Uint8Array | undefined
  S3Bucket?: string | undefined
  S3Key?: string | undefined
  S3ObjectVersion?: string | undefined
  ImageUri?: string | undefined
}

/** The archive of a request, checked. Errors: in AWS's words for whatever is wrong with it. */
export async function archiveFrom(input: CodeInput, ctx: Context): Promise<{ archive: Buffer; unzippedBytes: number }> {
  if (input.ImageUri !== undefined) throw NotImplemented('lambda: container images (PackageType Image)')
  const archive = input.ZipFile ? Buffer.from(input.ZipFile) : await archiveFromBucket(input, ctx)
  if (input.ZipFile && archive.length > inlineBytesMax) {
    throw RequestTooLargeException(
      `Request must be smaller than ${inlineBytesMax} bytes for the CreateFunction operation`,
      user,
    )
  }
  return { archive, unzippedBytes: await checkedArchive(archive) }
}

async function checkedArchive(archive: Buffer): Promise<number> {
  if (archive.length === 0) throw InvalidParameterValueException('Uploaded file must be a non-empty zip', user)
  try {
    const entries = await inspectArchive(archive)
    if (entries.length === 0) throw InvalidParameterValueException('Uploaded file must be a non-empty zip', user)
    return entries.reduce((sum, entry) => sum + entry.bytes, 0)
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error
    if (error.reason === 'large') throw InvalidParameterValueException(error.message, user)
    const words = 'Could not unzip uploaded file. Please check your file, then try to upload again.'
    throw InvalidParameterValueException(error.reason === 'unsafe' ? `${words} ${error.message}` : words, user)
  }
}

async function archiveFromBucket(input: CodeInput, ctx: Context): Promise<Buffer> {
  if (!input.S3Bucket || !input.S3Key) {
    throw InvalidParameterValueException('Please provide a source for function code.', user)
  }
  const { S3Bucket: Bucket, S3Key: Key, S3ObjectVersion: VersionId } = input
  try {
    const { Body } = await ctx.call('s3').GetObject({ Bucket, Key, ...(VersionId && { VersionId }) })
    return await bytesOf(Body)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const words = `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`
    throw InvalidParameterValueException(words, user)
  }
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  if (typeof body === 'string') return Buffer.from(body)
  return body ? await buffer(body as AsyncIterable<Uint8Array>) : Buffer.alloc(0)
}

/** Stores an archive; the commit that refers to it must `keepCode` it. */
export async function storeArchive(
  ctx: Context,
  taken: { archive: Buffer; unzippedBytes: number },
): Promise<{ code: PackedCode; blob: Blob }> {
  const blob = await ctx.use(codeBlobs).write(taken.archive)
  const sha256 = createHash('sha256').update(taken.archive).digest('base64')
  return { blob, code: { blobId: blob.id, bytes: taken.archive.length, sha256, unzippedBytes: taken.unzippedBytes } }
}

export function dropCode(tx: Tx, code: PackedCode): void {
  tx.use(codeBlobs).drop(tx, code.blobId)
}

/** How the engine gets at an archive when it has to unpack it. */
export function unpackable(ctx: Context, code: PackedCode): { hash: string; read: () => Promise<Buffer> } {
  const hash = Buffer.from(code.sha256, 'base64').toString('hex')
  return { hash, read: () => bytesOf(ctx.use(codeBlobs).read(code.blobId)) }
}

/** Where `Code.Location` and `Content.Location` point: a link that only those know who were given it. */
export function archiveLocation(ctx: Context, code: PackedCode): string {
  return `${ctx.caller.endpoint}/_igarape/lambda/archives/${code.blobId}`
}

export const archiveRoute = route('GET', '/_igarape/lambda/archives/:id', async (request, platform: Platform) => {
  const id = request.parameters.id ?? ''
  if (!platform.store.in(blobRecords, serverless).has(id)) return json({ message: 'There is no such archive.' }, 404)
  const body = platform.use(codeBlobs).read(id)
  return { status: 200, headers: { 'content-type': 'application/zip' }, body }
})
