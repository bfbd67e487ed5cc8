/** Collections change their shape over time: an older store's records are brought up to date at their first use. */
import type { AnyCollection } from './collection.ts'
import { decodeRecord, encodeRecord } from './encoding.ts'
import { encodeKey, endOf } from './keys.ts'
import type { ReadLayer } from './records.ts'

export class StoreTooNew extends Error {}

/** The writes that bring a collection to its version; none where it is there. A collection of version 1 leaves no mark. */
export function migrationWrites(layer: ReadLayer, collection: AnyCollection): Map<string, Uint8Array | undefined> {
  const writes = new Map<string, Uint8Array | undefined>()
  const versionKey = encodeKey(['store/version', collection.name])
  const marked = layer.get(versionKey)
  const version = marked ? decodeRecord<number>(marked) : 1
  if (version > collection.version) {
    throw new StoreTooNew(
      `The data folder holds ${collection.name} of version ${version}; this Igarapé reads version ${collection.version}.`,
    )
  }
  if (version === collection.version) return writes
  const { migrate } = collection
  if (!migrate) throw new Error(`${collection.name} is of version ${collection.version} but cannot migrate`)
  const start = encodeKey([collection.name])
  for (const [key, value] of layer.range(start, endOf(start), false)) {
    writes.set(key, encodeRecord(migrate(decodeRecord(value), version)))
  }
  writes.set(versionKey, encodeRecord(collection.version))
  return writes
}
