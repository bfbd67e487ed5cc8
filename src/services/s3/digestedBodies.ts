/** Bodies that are digested on their way into the store: small ones here, large ones on threads of their own. */
import type { Context } from '../../delivery/context.ts'
import type { Blob, BlobSource } from '../../store/blobs.ts'
import { blobStore } from './bodies.ts'
import { type Digested, type DigestOrder, Digests, digestsOf } from './digests.ts'
import { digestThreads, distantBytesMin } from './digestThreads.ts'

export interface DigestedBody {
  blob: Blob
  digested: Digested
}

/** `length`: as far as it is known. What is never kept must be discarded. */
export async function writeDigested(
  ctx: Context,
  source: BlobSource,
  { order, length = 0 }: { order: DigestOrder; length?: number | undefined },
): Promise<DigestedBody> {
  const blobs = ctx.use(blobStore)
  const isLarge = (source instanceof Uint8Array ? source.byteLength : length) >= distantBytesMin
  if (isLarge) return writeLarge(ctx, source, order)
  if (source instanceof Uint8Array) return { digested: digestsOf(source, order), blob: await blobs.write(source) }
  const digests = new Digests(order)
  return { blob: await blobs.write(source, digests.update), digested: digests.finish() }
}

async function writeLarge(ctx: Context, source: BlobSource, order: DigestOrder): Promise<DigestedBody> {
  const blobs = ctx.use(blobStore)
  const digests = ctx.use(digestThreads).begin(order)
  let blob: Blob
  try {
    blob = await blobs.write(source, digests.update)
  } catch (error) {
    digests.forget()
    throw error
  }
  try {
    return { blob, digested: await digests.finish() }
  } catch (error) {
    blobs.discard(blob)
    throw error
  }
}
