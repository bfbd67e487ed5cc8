/**
 * The memory that bodies pass through on their way into files: what sockets hand over in small pieces is gathered here, so
 * that it is written in few. Other threads read a block where it lies (to hash it), so it is shared memory.
 */

/** What one write takes. A body that is longer has two blocks: one is filled while the other leaves. */
export const blockBytes = 512 * 1024
/** Blocks that wait for their next use; those beyond are let go of. */
const idleBlocksMax = 32

export class Blocks {
  readonly #idle: Uint8Array[] = []

  /** What it holds is of its last use. */
  take(): Uint8Array {
    return this.#idle.pop() ?? new Uint8Array(new SharedArrayBuffer(blockBytes))
  }

  /** Nobody writes it out or reads it any more. */
  give(block: Uint8Array): void {
    if (this.#idle.length < idleBlocksMax) this.#idle.push(block)
  }
}
