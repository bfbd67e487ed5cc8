/** Records as bytes: MessagePack, each record whole in itself, so that any of them can be read alone. */
import { Packr } from 'msgpackr'

const packr = new Packr({ useRecords: false, moreTypes: true })

export function encodeRecord(record: unknown): Uint8Array {
  // The packer goes on behind what it packed, and never writes over it: no copy is needed.
  return packr.pack(withoutUndefined(record))
}

export function decodeRecord<R>(bytes: Uint8Array): R {
  return packr.unpack(bytes) as R
}

/** `undefined` members would come back as present ones; only the top level is looked at, which is where records have options. */
export function withoutUndefined(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record
  for (const key in record) {
    if ((record as Record<string, unknown>)[key] === undefined) {
      return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
    }
  }
  return record
}
