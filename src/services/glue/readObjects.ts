/**
 * Of which objects it is known that a job's bookmark has them: the lake gives the same object for as long as nothing
 * changed, so that a run asks its bookmark of what is new and of nothing else. A reset forgets them.
 */
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { Scope } from '../../store/collection.ts'

/** Jobs that ran lately. */
const jobsMax = 100

export class ReadObjects {
  /** By job, then by source and place; the job that was asked of last is the last. */
  readonly #jobs = new Map<string, Map<string, WeakSet<object>>>()

  /** To be called in the turn in which the bookmark is read: what a reset forgot meanwhile is another set. */
  of(job: Scope & { name: string }, source: string, place: string): WeakSet<object> {
    const key = keyOf(job)
    const sets = this.#jobs.get(key) ?? new Map<string, WeakSet<object>>()
    this.#jobs.delete(key)
    this.#jobs.set(key, sets)
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= jobsMax) break
      this.#jobs.delete(oldest)
    }
    const name = JSON.stringify([source, place])
    const set = sets.get(name) ?? new WeakSet()
    sets.set(name, set)
    return set
  }

  forget(job: Scope & { name: string }): void {
    this.#jobs.delete(keyOf(job))
  }

  reset(): void {
    this.#jobs.clear()
  }
}

export const readObjects = singleton('glue read objects', () => new ReadObjects())

/** Once it is on disk that the bookmark has less. */
export function forgetRead(tx: Tx, jobName: string): void {
  const job = { account: tx.account, region: tx.region, name: jobName }
  tx.afterCommit(() => tx.use(readObjects).forget(job))
}

function keyOf({ account, region, name }: Scope & { name: string }): string {
  return JSON.stringify([account, region, name])
}
