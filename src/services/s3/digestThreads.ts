/**
 * Digests of large bodies on threads of their own: a megabyte is hashed for milliseconds, in which the server would answer
 * nobody. A body stays with one thread, which sees its blocks where they lie (store/blocks.ts). Threads start when
 * they are wanted; a second only where the first has a body already.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { singleton } from '../../delivery/singleton.ts'
import type { Digested, DigestOrder } from './digests.ts'
import type { DigestAnswer, DigestCall } from './digestThread.ts'
import { digestThread } from './generated/digestThread.ts'

/** From here on the way to a thread and back is worth it. */
export const distantBytesMin = 256 * 1024
/** At most, and no more than the machine runs at once. */
const threadsMax = 4
/** All that a thread holds is a few hashes: the host would give it room for a program. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

export const digestThreads = singleton('s3 digest threads', () => new DigestThreads())

/** The same as `Digests`, elsewhere. */
export interface DistantDigests {
  /** Resolves when the bytes have been read. */
  update(bytes: Uint8Array): Promise<void>
  finish(): Promise<Digested>
  /** Call it where `finish` will not be. */
  forget(): void
}

export class DigestThreads {
  readonly #threads = new Set<DigestThread>()
  readonly #threadsMax = Math.min(threadsMax, availableParallelism())
  #bodies = 0

  begin(order: DigestOrder): DistantDigests {
    return this.#idlest().begin(++this.#bodies, order)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  #idlest(): DigestThread {
    const [idlest] = [...this.#threads].sort((one, other) => one.bodies - other.bodies)
    if (idlest && (idlest.bodies === 0 || this.#threads.size >= this.#threadsMax)) return idlest
    const thread: DigestThread = new DigestThread(() => this.#threads.delete(thread))
    this.#threads.add(thread)
    return thread
  }
}

interface Pending {
  resolve(digested: Digested | undefined): void
  reject(error: unknown): void
}

class DigestThread {
  /** That have begun and not ended. */
  bodies = 0
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #onEnd: () => void
  #calls = 0
  #failure: unknown

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
    this.#worker = new Worker(digestThread, { eval: true, name: 'digests', execArgv: [], env: {}, resourceLimits })
    // The server's port keeps the process alive, not this.
    this.#worker.unref()
    this.#worker.on('message', (answer: DigestAnswer) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('The thread that hashes bodies has ended.')))
  }

  begin(body: number, order: DigestOrder): DistantDigests {
    this.bodies++
    return {
      update: async (bytes) => {
        await this.#ask({ kind: 'update', body, order, bytes })
      },
      finish: async () => {
        this.bodies--
        return (await this.#ask({ kind: 'finish', body, order })) as Digested
      },
      forget: () => {
        this.bodies--
        this.#ask({ kind: 'forget', body }).catch(() => undefined)
      },
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(asked: Asked): Promise<Digested | undefined> {
    const call = ++this.#calls
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#pending.set(call, { resolve, reject })
      this.#worker.postMessage({ ...asked, call } satisfies DigestCall)
    })
  }

  #settle(answer: DigestAnswer): void {
    const pending = this.#pending.get(answer.call)
    this.#pending.delete(answer.call)
    if ('failure' in answer) pending?.reject(new Error(`A body could not be hashed: ${answer.failure}`))
    else pending?.resolve(answer.digested)
  }

  /** Whatever ended it: those who wait fail, and the next body gets another. */
  #end(error: unknown): void {
    this.#failure ??= error
    this.#onEnd()
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

type Asked = DigestCall extends infer C ? (C extends DigestCall ? Omit<C, 'call'> : never) : never
