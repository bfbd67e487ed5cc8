/** The beginning of a file as text, whatever it is packed with: what it is packed with is read from its first bytes. */
import { constants, gunzipSync } from 'node:zlib'
import { Unzip, UnzipInflate } from 'fflate'
import { snappyUncompressed } from '../sql/snappy.ts'
import { BrokenBzip2, bzip2Uncompressed } from './bzip2.ts'
import type { Sample } from './fileSchema.ts'

export interface Unpacked extends Sample {
  compression: string
}

/** Undefined where it is packed with something that crawlers here cannot read. */
export function unpacked(head: Sample, key: string, bytesMax: number): Unpacked | undefined {
  try {
    return unpackedAs(packingOf(head.bytes, key), head, bytesMax)
  } catch {
    return undefined
  }
}

function packingOf(bytes: Buffer, key: string): string {
  const magic = bytes.toString('latin1', 0, 10)
  if (magic.startsWith('\x1f\x8b')) return 'gzip'
  if (/^BZh[1-9]/.test(magic)) return 'bzip2'
  if (magic.startsWith('PK\x03\x04')) return 'zip'
  if (magic === '\xff\x06\x00\x00sNaPpY') return 'framed snappy'
  if (key.endsWith('.snappy')) return 'hadoop snappy'
  if (magic.startsWith('\x28\xb5\x2f\xfd') || magic.startsWith('\x04\x22\x4d\x18')) return 'unknown'
  return 'none'
}

function unpackedAs(packing: string, head: Sample, bytesMax: number): Unpacked | undefined {
  const { bytes, isWhole } = head
  switch (packing) {
    case 'none':
      return { bytes, isWhole, compression: 'none' }
    case 'gzip': {
      return { ...gunzipped(head, bytesMax), compression: 'gzip' }
    }
    case 'bzip2': {
      const text = bzip2Uncompressed(bytes, bytesMax)
      if (text.bytes.length === 0) throw new BrokenBzip2('no whole block')
      return { ...cut(text.bytes, isWhole && text.isWhole, bytesMax), compression: 'bzip2' }
    }
    case 'zip': {
      const text = firstOfZip(bytes, bytesMax)
      return { ...cut(text.bytes, text.isWhole, bytesMax), compression: 'zip' }
    }
    case 'framed snappy':
      return { ...cut(framedSnappy(bytes), isWhole, bytesMax), compression: 'snappy' }
    case 'hadoop snappy':
      return { ...cut(hadoopSnappy(bytes), isWhole, bytesMax), compression: 'snappy' }
    default:
      return undefined
  }
}

/** A packed byte may become a thousand: no more is unpacked than is looked at, about. */
const packedBytesAtOnce = 16 * 1024

/** The end of the sample may cut the stream: what came before it is text all the same. */
function gunzipped({ bytes, isWhole }: Sample, bytesMax: number): Sample {
  for (let length = packedBytesAtOnce; ; length *= 4) {
    const isAll = length >= bytes.length
    const text = gunzipSync(isAll ? bytes : bytes.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH })
    if (isAll || text.length >= bytesMax) return cut(text, isWhole && isAll, bytesMax)
  }
}

function cut(bytes: Buffer, isWhole: boolean, bytesMax: number): Sample {
  return bytes.length > bytesMax ? { bytes: bytes.subarray(0, bytesMax), isWhole: false } : { bytes, isWhole }
}

/** Glue reads an archive of one file. */
function firstOfZip(bytes: Buffer, bytesMax: number): Sample {
  const parts: Uint8Array[] = []
  let [length, isWhole, isTaken] = [0, false, false]
  const archive = new Unzip((file) => {
    if (isTaken || file.name.endsWith('/')) return
    isTaken = true
    file.ondata = (error, data, final) => {
      if (error) throw error
      parts.push(data)
      length += data.length
      isWhole = final
      if (length > bytesMax) file.terminate()
    }
    file.start()
  })
  archive.register(UnzipInflate)
  for (let at = 0; at < bytes.length && length <= bytesMax; at += packedBytesAtOnce)
    archive.push(bytes.subarray(at, at + packedBytesAtOnce), at + packedBytesAtOnce >= bytes.length)
  return { bytes: Buffer.concat(parts), isWhole }
}

/** The framing format: chunks of a type and a length of three bytes. */
function framedSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes[at], bytes.readUIntLE(at + 1, 3)]
    const body = bytes.subarray(at + 4, at + 4 + length)
    if (body.length < length) break
    if (type === 0) parts.push(snappyUncompressed(body.subarray(4)))
    if (type === 1) parts.push(body.subarray(4))
    at += 4 + length
  }
  return Buffer.concat(parts)
}

/** Hadoop's blocks: the length unpacked, then chunks, each with its length before it. */
function hadoopSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const unpackedLength = bytes.readUInt32BE(at)
    at += 4
    for (let made = 0; made < unpackedLength && at + 4 <= bytes.length; ) {
      const length = bytes.readUInt32BE(at)
      const body = bytes.subarray(at + 4, at + 4 + length)
      if (body.length < length) return Buffer.concat(parts)
      const text = snappyUncompressed(body)
      parts.push(text)
      made += text.length
      at += 4 + length
    }
  }
  return Buffer.concat(parts)
}
