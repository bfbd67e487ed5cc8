/** The schema of each of some linked files: its beginning is read, or its footer. */
import { open } from 'node:fs/promises'
import type { Context } from '../../delivery/context.ts'
import { avroSchema } from './avroSchema.ts'
import { classified, type SelfDescribing, selfDescribing } from './classification.ts'
import { type ColumnarFile, orcSchemas, parquetSchemas } from './columnarFiles.ts'
import { type CustomClassifier, type FileSchema, type Sample, unknownSchema } from './fileSchema.ts'
import { unpacked } from './unpacking.ts'

/** A crawler looks at so much of a file, packed or unpacked. */
const sampleBytesMax = 1024 * 1024

export interface LinkedFile {
  path: string
  key: string
  bytes: number
}

/** In the order of the files. Errors: UserError where a format needs what this machine has not. */
export async function fileSchemas(
  ctx: Context,
  { folder, files }: { folder: string; files: readonly LinkedFile[] },
  classifiers: readonly CustomClassifier[],
): Promise<FileSchema[]> {
  const read: (FileSchema | SelfDescribing)[] = []
  for (const file of files) read.push(await schemaOrFormat(file, classifiers))
  const of = (format: SelfDescribing): ColumnarFile[] => files.filter((_, at) => read[at] === format)
  const footers = new Map([
    ...(await parquetSchemas(ctx, folder, of('parquet'))),
    ...(await orcSchemas(ctx, of('orc'))),
  ])
  return read.map((one, at) => {
    if (typeof one !== 'string') return one
    return footers.get(files[at]?.path ?? '') ?? unknownSchema('none')
  })
}

async function schemaOrFormat(
  file: LinkedFile,
  classifiers: readonly CustomClassifier[],
): Promise<FileSchema | SelfDescribing> {
  const head = await headOf(file)
  const format = selfDescribing(head.bytes)
  if (format === 'parquet' || format === 'orc') return format
  if (format === 'avro') {
    try {
      return avroSchema(head, 'none')
    } catch {
      return unknownSchema('none')
    }
  }
  const text = unpacked(head, file.key, sampleBytesMax)
  return text ? classified(text, classifiers) : unknownSchema('unknown')
}

async function headOf({ path, bytes }: LinkedFile): Promise<Sample> {
  const handle = await open(path)
  try {
    const length = Math.min(bytes, sampleBytesMax)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, 0)
    return { bytes: buffer.subarray(0, bytesRead), isWhole: bytesRead >= bytes }
  } finally {
    await handle.close()
  }
}
