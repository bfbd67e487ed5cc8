/** A backend in memory that counts what is written to each collection: how a test sees that nothing changed. */
import type { Backend } from '../../src/store/backend.ts'

/** Kept of every request or of work in the background, whatever the answer was. */
const ownBusiness = /^(?:traces|observe|logs|delivery|clock|control)\b/

export class WatchedDisk {
  readonly backend: Backend
  /** Collections written to since the last look. */
  #touched = new Set<string>()

  constructor(inner: Backend) {
    this.backend = {
      ...inner,
      write: (batch) => {
        for (const { key } of batch) this.#touched.add(collectionOf(key))
        return inner.write(batch)
      },
    }
  }

  touched(): string[] {
    const found = [...this.#touched].filter((name) => !ownBusiness.test(name))
    this.#touched = new Set()
    return found
  }
}

function collectionOf(key: string): string {
  return key.slice(1, key.indexOf('\0'))
}
