/**
 * Fills a new file with a body that streams in. The body is gathered in blocks; while one is written to the file and looked
 * at by whoever hashes it, the next is filled, and no third: so a fast client waits for the disk, and memory is bounded.
 */
import { open } from 'node:fs/promises'
import { type Blocks, blockBytes } from './blocks.ts'
import { syncData, writeWhole } from './durableWrites.ts'

/** Sees a body's bytes in order. They are good until it is done with them. */
export type BlockReader = (bytes: Uint8Array) => void | Promise<void>

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

interface Filling {
  blocks: Blocks
  durable: boolean
  onBlock: BlockReader
}

/** Answers the file's size. Errors: the disk's, the source's, the reader's. */
export async function fillFile(path: string, chunks: Chunks, { blocks, durable, onBlock }: Filling): Promise<number> {
  const file = await open(path, 'wx', 0o644)
  const leave = (bytes: Uint8Array, at: number) => both(writeWhole(file.fd, bytes, at), read(onBlock, bytes))
  const body = new BlockedBody(blocks, leave)
  try {
    for await (const chunk of chunks) {
      const left = body.add(chunk)
      if (left) await left
    }
    await body.end()
    if (durable) await syncData(file.fd)
  } finally {
    await body.release()
    await file.close()
  }
  return body.size
}

async function read(reader: BlockReader, bytes: Uint8Array): Promise<void> {
  await reader(bytes)
}

/** Where one fails, the other still has to end: both are at the same block. */
async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  const ends = await Promise.allSettled([one, other])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** The blocks of one body: the one that is filled, and the one that leaves. */
class BlockedBody {
  size = 0
  readonly #blocks: Blocks
  readonly #leave: (bytes: Uint8Array, at: number) => Promise<void>
  #filled: Uint8Array | undefined
  #filledBytes = 0
  #leaving: { block: Uint8Array; done: Promise<void> } | undefined

  constructor(blocks: Blocks, leave: (bytes: Uint8Array, at: number) => Promise<void>) {
    this.#blocks = blocks
    this.#leave = leave
  }

  /** Takes at once what there is room for; a promise where it must wait for a block to have left. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    const taken = this.#take(chunk)
    return this.#filledBytes < blockBytes ? undefined : this.#addRest(chunk.subarray(taken))
  }

  async end(): Promise<void> {
    if (this.#filledBytes > 0) await this.#sendOff()
    await this.#leaving?.done
  }

  /** Gives the blocks back once nobody reads them any more, however it ended. */
  async release(): Promise<void> {
    const { done, block } = this.#leaving ?? {}
    await done?.catch(() => undefined)
    for (const used of [this.#filled, block]) if (used) this.#blocks.give(used)
    this.#filled = undefined
    this.#leaving = undefined
  }

  async #addRest(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; ; rest = rest.subarray(this.#take(rest))) {
      if (this.#filledBytes === blockBytes) await this.#sendOff()
      if (rest.byteLength === 0) return
    }
  }

  #take(chunk: Uint8Array): number {
    this.#filled ??= this.#blocks.take()
    const taken = chunk.subarray(0, blockBytes - this.#filledBytes)
    this.#filled.set(taken, this.#filledBytes)
    this.#filledBytes += taken.byteLength
    return taken.byteLength
  }

  async #sendOff(): Promise<void> {
    const before = this.#leaving
    await before?.done
    const block = this.#filled as Uint8Array
    const done = this.#leave(block.subarray(0, this.#filledBytes), this.size)
    // It is waited for when the next block is full; until then nobody may hear of its failure.
    done.catch(() => undefined)
    this.size += this.#filledBytes
    this.#leaving = { block, done }
    this.#filled = before?.block
    this.#filledBytes = 0
  }
}
