/**
 * Which mappings read a queue or a stream, known without reading: every message and every record that arrives anywhere asks.
 * What is known follows the store: a mapping that comes or goes makes its source unknown once its commit stands, and a
 * store that lost commits all.
 */
import type { Tx } from '../../delivery/context.ts'
import { Remembered } from '../../delivery/remembered.ts'
import { singleton } from '../../delivery/singleton.ts'
import { collection } from '../../store/collection.ts'
import type { Store } from '../../store/store.ts'

export const mappingsBySource = collection<{ sourceArn: string; id: string }>('lambda/mappings-by-queue', {
  version: 1,
  key: (record) => [record.sourceArn, record.id],
})

const sourcesMax = 10_000

class MappedSources {
  readonly #store: Store
  readonly #ids: Remembered<readonly string[]>

  constructor(store: Store) {
    this.#store = store
    this.#ids = new Remembered(store, sourcesMax)
  }

  idsFor(tx: Tx, sourceArn: string): readonly string[] {
    const key = keyOf(tx, sourceArn)
    const known = this.#ids.get(key)
    if (known) return known
    const ids = [...this.#store.newest(mappingsBySource, tx).list({ prefix: [sourceArn] })].map(({ id }) => id)
    this.#ids.set(key, ids)
    return ids
  }

  forget(tx: Tx, sourceArn: string): void {
    this.#ids.forget(keyOf(tx, sourceArn))
  }
}

const mappedSources = singleton('mapped sources', (platform) => new MappedSources(platform.store))

/** As of the last commit: a mapping that is made in this one looks at its source at once anyway. */
export function mappingIdsFor(tx: Tx, sourceArn: string): readonly string[] {
  return tx.use(mappedSources).idsFor(tx, sourceArn)
}

/** Called with every mapping that comes or goes. */
export function mappingsChanged(tx: Tx, sourceArn: string): void {
  tx.afterApply(() => tx.use(mappedSources).forget(tx, sourceArn))
}

function keyOf({ account, region }: Tx, sourceArn: string): string {
  return `${account}/${region}/${sourceArn}`
}
