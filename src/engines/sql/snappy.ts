/** Snappy's block format, uncompressed, by its public description (google/snappy, format_description.txt). */
import { SqlError } from './sqlError.ts'

export function snappyUncompressed(bytes: Buffer): Buffer {
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  const little = (length: number) => {
    const value = bytes.readUIntLE(at, length)
    at += length
    return value
  }
  const out = Buffer.alloc(varint())
  let end = 0
  while (at < bytes.length) {
    const tag = bytes[at++] as number
    if ((tag & 3) === 0) {
      const short = tag >> 2
      const length = 1 + (short < 60 ? short : little(short - 59))
      end += bytes.copy(out, end, at, at + length)
      at += length
      continue
    }
    const isNear = (tag & 3) === 1
    const length = isNear ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const offset = isNear ? ((tag >> 5) << 8) | little(1) : little((tag & 3) === 2 ? 2 : 4)
    if (offset === 0 || offset > end) throw new SqlError('Avro: a snappy block is broken', undefined, 'HIVE_BAD_DATA')
    // A copy may overlap what it makes, so it goes byte by byte.
    for (let i = 0; i < length; i++, end++) out[end] = out[end - offset] as number
  }
  return out
}
