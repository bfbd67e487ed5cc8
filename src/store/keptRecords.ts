/**
 * Decoded records of the collections that almost every request reads (`kept`): as the next commit would see them. They
 * are frozen, since whoever reads one gets the same object.
 */
const recordsMax = 10_000

export class KeptRecords {
  readonly #byKey = new Map<string, unknown>()

  get(key: string, read: () => unknown): unknown {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const record = read()
    if (record === undefined) return undefined
    this.set(key, frozen(record))
    return record
  }

  /** It was written, and is frozen. */
  set(key: string, record: unknown): void {
    if (this.#byKey.size >= recordsMax) this.#byKey.clear()
    this.#byKey.set(key, record)
  }

  /** It was deleted, or written as bytes. */
  forget(key: string): void {
    if (this.#byKey.size > 0) this.#byKey.delete(key)
  }

  clear(): void {
    this.#byKey.clear()
  }
}

/** And all in it. */
export function frozen(value: unknown): unknown {
  // Bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) for (const part of value) frozenPart(part)
  else for (const name in value) frozenPart((value as Record<string, unknown>)[name])
  return Object.freeze(value)
}

/** Most of what is in a record is no object: it costs no call. */
function frozenPart(part: unknown): void {
  if (typeof part === 'object' && part !== null) frozen(part)
}
