/**
 * Segment files on a disk that forgets what was not synced. It lives longer than the servers that use it: after a crash
 * a write that was under way is there, or not, or a part of it, in each of its files.
 */
import type { Random } from '../../src/clock.ts'
import type { SegmentFiles, SegmentWrite } from '../../src/store/segmentFiles.ts'

/** Turns of the event loop that a sync may take. */
const syncTurnsMax = 4

export class SimulatedSegments {
  readonly #files = new Map<string, Buffer>()
  readonly #random: Random
  #life = 0
  #underWay: readonly SegmentWrite[] | undefined
  /** Writes that were begun. */
  writes = 0
  /** Called as each of them begins. */
  onWrite: (count: number) => void = () => undefined

  constructor(random: Random) {
    this.#random = random
  }

  get bytes(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.length, 0)
  }

  get names(): string[] {
    return [...this.#files.keys()].sort()
  }

  /** What the next server opens. */
  files(): SegmentFiles {
    const life = ++this.#life
    return {
      limits: { segmentBytesMax: 12_000, blockBytesMax: 3_000 },
      write: (writes) => this.#write(writes, life),
      read: async (file, offset, length) => {
        const bytes = this.#files.get(file)
        if (!bytes) throw Object.assign(new Error(`there is no segment ${file}`), { code: 'ENOENT' })
        if (bytes.length < offset + length) throw new Error(`the segment ${file} ends before its last entry`)
        return Buffer.from(bytes.subarray(offset, offset + length))
      },
      remove: async (file) => {
        if (life === this.#life) this.#files.delete(file)
      },
      list: async () => this.names,
      clear: async () => this.#files.clear(),
      close: async () => undefined,
    }
  }

  /** The power goes; the server never hears of what was under way. */
  crash(): void {
    for (const { file, offset, bytes } of this.#underWay ?? []) {
      const reached = Math.floor(this.#random.fraction() * (bytes.length + 1))
      if (this.#random.fraction() < 0.7) this.#put(file, offset, bytes.subarray(0, reached))
    }
    this.#underWay = undefined
    this.#life++
  }

  async #write(writes: readonly SegmentWrite[], life: number): Promise<void> {
    // A server that was killed waits for ever.
    if (life !== this.#life) return new Promise(() => undefined)
    this.#underWay = writes
    this.onWrite(++this.writes)
    const turns = Math.floor(this.#random.fraction() * syncTurnsMax)
    for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (life !== this.#life) return new Promise(() => undefined)
    this.#underWay = undefined
    for (const { file, offset, bytes } of writes) this.#put(file, offset, bytes)
  }

  /** As a file does it: bytes behind what is written stay what they were. */
  #put(file: string, offset: number, bytes: Buffer): void {
    const before = this.#files.get(file) ?? Buffer.alloc(0)
    const after = Buffer.alloc(Math.max(before.length, offset + bytes.length), 0xee)
    before.copy(after)
    bytes.copy(after, offset)
    this.#files.set(file, after)
  }
}
