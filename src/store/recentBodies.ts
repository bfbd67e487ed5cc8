/**
 * Bodies of files that were read lately, by the file's id, within a bound: a file that many read is read from the disk once.
 * Files never change, so nothing here can be old.
 */
export class RecentBodies {
  readonly #bytesMax: number
  /** The latest last. */
  readonly #bodies = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get(id: string): Uint8Array | undefined {
    const body = this.#bodies.get(id)
    if (!body) return undefined
    this.#bodies.delete(id)
    this.#bodies.set(id, body)
    return body
  }

  set(id: string, body: Uint8Array): void {
    this.delete(id)
    this.#bodies.set(id, body)
    this.#bytes += body.byteLength
    for (const oldest of this.#bodies.keys()) {
      if (this.#bytes <= this.#bytesMax) return
      this.delete(oldest)
    }
  }

  delete(id: string): void {
    this.#bytes -= this.#bodies.get(id)?.byteLength ?? 0
    this.#bodies.delete(id)
  }

  clear(): void {
    this.#bodies.clear()
    this.#bytes = 0
  }
}
