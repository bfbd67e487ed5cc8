/**
 * Which mappings poll a queue, known without reading: every message that arrives anywhere asks. What is known follows the
 * store: a mapping that comes or goes makes its queue unknown once its commit stands, and a store that lost commits all.
 */
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { collection } from '../../store/collection.ts'
import type { Store } from '../../store/store.ts'

export const mappingsByQueue = collection<{ queueArn: string; id: string }>('lambda/mappings-by-queue', {
  version: 1,
  key: (record) => [record.queueArn, record.id],
})

const queuesMax = 10_000

class MappedQueues {
  readonly #store: Store
  readonly #ids = new Map<string, readonly string[]>()
  #generation = 0

  constructor(store: Store) {
    this.#store = store
  }

  idsFor(tx: Tx, queueArn: string): readonly string[] {
    if (this.#generation !== this.#store.generation || this.#ids.size >= queuesMax) this.#ids.clear()
    this.#generation = this.#store.generation
    const key = keyOf(tx, queueArn)
    let ids = this.#ids.get(key)
    if (!ids) {
      ids = [...this.#store.newest(mappingsByQueue, tx).list({ prefix: [queueArn] })].map(({ id }) => id)
      this.#ids.set(key, ids)
    }
    return ids
  }

  forget(tx: Tx, queueArn: string): void {
    this.#ids.delete(keyOf(tx, queueArn))
  }
}

const mappedQueues = singleton('mapped queues', (platform) => new MappedQueues(platform.store))

/** As of the last commit: a mapping that is made in this one looks at its queue at once anyway. */
export function mappingIdsFor(tx: Tx, queueArn: string): readonly string[] {
  return tx.use(mappedQueues).idsFor(tx, queueArn)
}

/** Called with every mapping that comes or goes. */
export function mappingsChanged(tx: Tx, queueArn: string): void {
  tx.afterApply(() => tx.use(mappedQueues).forget(tx, queueArn))
}

function keyOf({ account, region }: Tx, queueArn: string): string {
  return `${account}/${region}/${queueArn}`
}
