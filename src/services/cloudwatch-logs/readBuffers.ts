/**
 * Memory to read segments into, used again and again: who reads hundreds of megabytes into new memory each time makes the
 * garbage collector look through everything else as often.
 */
export class ReadBuffers {
  readonly #free = new Map<number, Buffer[]>()

  take(length: number): Buffer {
    const size = 2 ** Math.ceil(Math.log2(length))
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size)
  }

  /** Nothing that lies in it is looked at from now on. */
  giveBack(buffer: Buffer): void {
    const free = this.#free.get(buffer.length)
    if (free) free.push(buffer)
    else this.#free.set(buffer.length, [buffer])
  }
}
