/** Objects' bodies: the server's blobs, and how an object's body is read from them, whole or in part. */
import type { Readable } from 'node:stream'
import type { Context, Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { ByteSpan } from '../../store/blobFiles.ts'
import { type BlobSource, BlobStore, blobRecords } from '../../store/blobs.ts'
import { BodyStream } from '../../wire/bodyStream.ts'
import { type LayoutPart, layouts, type Reader, Sequencer, type StoredObject } from './objects.ts'
import { piecesOf } from './ranges.ts'

export const blobStore = singleton('blobs', (platform) => {
  const blobs = new BlobStore({
    folder: `${platform.dataFolder}/blobs`,
    durable: !platform.options.inMemory,
    random: platform.random,
    records: platform.store.in(blobRecords, { account: '', region: '' }),
  })
  void blobs.sweep()
  return blobs
})

/** One for the server: no two changes get the same place in the order. */
export const sequencer = singleton('s3 sequencer', () => new Sequencer())

/** The parts of a body; one for an object that came in one piece. */
export function partsOf(reader: Reader, object: StoredObject): readonly Omit<LayoutPart, 'number'>[] {
  if (object.layoutId !== undefined) return reader.in(layouts).get(object.layoutId)?.parts ?? []
  return object.blobId === undefined ? [] : [{ blobId: object.blobId, size: object.size }]
}

/** Call it in the same turn in which the object was read: then its blobs are still there. */
export function readBody(ctx: Context, object: StoredObject, span?: ByteSpan): Uint8Array | Readable {
  const blobs = ctx.use(blobStore)
  if (object.blobId !== undefined) return blobs.read(object.blobId, span)
  const parts = partsOf(ctx, object)
  const wanted = span ?? { start: 0, end: object.size - 1 }
  return blobs.readAll(piecesOf(parts, wanted).map(({ part, span }) => ({ id: part.blobId, span })))
}

/** The same for an answer: in as few steps as its length allows. */
export function loadBody(
  ctx: Context,
  object: StoredObject,
  span?: ByteSpan,
): Uint8Array | Readable | Promise<Uint8Array> {
  return object.blobId === undefined ? readBody(ctx, object, span) : ctx.use(blobStore).load(object.blobId, span)
}

/** Ends a body in this commit: its blobs and, if it came in parts, their layout. */
export function dropBody(tx: Tx, object: StoredObject): void {
  for (const { blobId } of partsOf(tx, object)) tx.use(blobStore).drop(tx, blobId)
  if (object.layoutId !== undefined) tx.in(layouts).delete(object.layoutId)
}

/** What a streamed member of an input is. */
export function bodySource(body: unknown): BlobSource {
  if (body === undefined) return new Uint8Array()
  if (body instanceof BodyStream) return body.whole ?? body
  if (typeof body === 'string') return Buffer.from(body)
  return body as BlobSource
}
