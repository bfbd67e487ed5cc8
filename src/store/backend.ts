/**
 * Where bytes lie. LMDB holds one ordered table of byte keys; a batch is all there or not at all, and `write` answers
 * when it is on disk. Simulations put their own backend here.
 */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Database } from 'lmdb'
import type { Entry } from './laidOver.ts'

export interface Write {
  key: string
  /** Absent: the key is deleted. */
  value: Uint8Array | undefined
}

export interface ByteRange {
  from: string
  /** Exclusive. */
  to: string
  reverse?: boolean
}

export interface Backend {
  get(key: string): Uint8Array | undefined
  range(range: ByteRange): Iterable<Entry<Uint8Array>>
  /** All or nothing; resolves once the batch would survive a power cut. One at a time. */
  write(batch: readonly Write[]): Promise<void>
  /** Puts everything where a program that knows only the table finds it. */
  checkpoint(): Promise<void>
  /** Deletes every key and writes these, in one step. */
  clear(left?: readonly Write[]): Promise<void>
  close(): Promise<void>
}

/** The address space that LMDB maps: a bound on the file's growth, not memory. */
const mapBytes = 64 * 2 ** 30

/** `durable: false` leaves syncing to the host: for data that may be lost with the process. */
export function lmdbBackend(folder: string, { durable }: { durable: boolean }): Backend {
  mkdirSync(folder, { recursive: true })
  // `require`, because the ESM build of lmdb would be loaded beside the CommonJS one that its native part wants.
  const { open } = createRequire(import.meta.url)('lmdb') as typeof import('lmdb')
  const database: Database<Uint8Array, Buffer> = open({
    path: `${folder}/store.mdb`,
    encoding: 'binary',
    keyEncoding: 'binary',
    mapSize: mapBytes,
    overlappingSync: false,
    noSync: !durable,
    eventTurnBatching: false,
    commitDelay: 0,
  })
  const inOneStep = async (write: () => void) => {
    await database.batch(write).catch(throwCause)
    database.resetReadTxn()
  }
  const put = (batch: readonly Write[]) => {
    for (const { key, value } of batch) {
      if (value) database.put(Buffer.from(key, 'latin1'), value)
      else database.remove(Buffer.from(key, 'latin1'))
    }
  }
  return {
    get: (key) => database.get(Buffer.from(key, 'latin1')),
    *range({ from, to, reverse }) {
      const [start, end] = [Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1')]
      // LMDB's reverse range runs from its `start` (excluded here by `exclusiveStart`) down to its `end`, included.
      const options = reverse
        ? { start: end, end: start, reverse, exclusiveStart: true, inclusiveEnd: true }
        : { start, end }
      for (const { key, value } of database.getRange(options)) yield [key.toString('latin1'), value]
    },
    write: (batch) => inOneStep(() => put(batch)),
    checkpoint: async () => undefined,
    clear: (left = []) =>
      inOneStep(() => {
        // In its place among the writes of this step, as those are: its own promise tells no more than the step's.
        database.clearAsync().catch(() => undefined)
        put(left)
      }),
    close: () => database.close(),
  }
}

/** What the binding says is only that there is a cause: the cause is a promise, and unhandled it would end the process. */
async function throwCause(failure: { commitError?: Promise<never> }): Promise<never> {
  await failure.commitError
  throw failure
}
