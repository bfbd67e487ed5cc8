/**
 * Prefixes with very many objects that were listed for an engine, kept in memory: a job with a bookmark lists the same place at
 * each of its runs, and little of it is new. Of a bucket with such places the changed keys are noted once they are on disk,
 * and the next listing reads those alone. To all other buckets a write costs the look at a map. What is kept has bounds; what
 * outgrows them is listed anew.
 */
import type { Tx } from '../../delivery/context.ts'
import type { LakeObject } from '../../delivery/lake.ts'
import { singleton } from '../../delivery/singleton.ts'

/** Fewer are read as quickly as they are kept. */
const worthKeeping = 2_000
const keptObjectsMax = 500_000
const changesMax = 50_000
/** Beyond the basic plane JavaScript's order is not that of UTF-8, which S3's keys have. */
const isOutOfOrder = /[\ud800-\uffff]/

interface Place {
  bucket: string
  prefix: string
  /** In key order; replaced as a whole, so that who reads it may go on. */
  objects: readonly LakeObject[]
  /** Up to which of the bucket's changes it is true. */
  position: number
}

/** A bucket's changed keys since somebody first looked. */
interface Watch {
  keys: string[]
  /** How many changes were forgotten before the first of `keys`. */
  forgotten: number
  /** Places that are kept, and scans that are under way. */
  users: number
}

export class ListedPlaces {
  /** Least lately used first. */
  readonly #places = new Map<string, Place>()
  readonly #watches = new Map<string, Watch>()
  #keptObjects = 0

  /** To be called when the change is on disk. */
  changed(bucket: string, key: string): void {
    const watch = this.#watches.get(bucket)
    if (!watch) return
    watch.keys.push(key)
    if (watch.keys.length > changesMax) this.#forgetHalf(bucket, watch)
  }

  /** What lies in a place, if it is kept; `read` is what is on disk now. */
  get(
    { bucket, prefix }: { bucket: string; prefix: string },
    read: (key: string) => LakeObject | undefined,
  ): readonly LakeObject[] | undefined {
    const place = this.#places.get(nameOf(bucket, prefix))
    const watch = this.#watches.get(bucket)
    if (!place || !watch) return undefined
    const changed = [...new Set(watch.keys.slice(place.position - watch.forgotten))]
    const mine = changed.filter((key) => key.startsWith(prefix)).toSorted()
    if (mine.some((key) => isOutOfOrder.test(key))) {
      this.#drop(place)
      return undefined
    }
    const objects = mine.length > 0 ? withChanges(place.objects, mine, read) : place.objects
    this.#keptObjects += objects.length - place.objects.length
    // Taken out and put in again, it is the last that was used.
    this.#places.delete(nameOf(bucket, prefix))
    this.#places.set(nameOf(bucket, prefix), { ...place, objects, position: watch.forgotten + watch.keys.length })
    this.#makeRoom()
    return objects
  }

  /** Before a place is read from disk: what changes meanwhile is noted. `done` is told what was read, or undefined. */
  watch({ bucket, prefix }: { bucket: string; prefix: string }): { done(objects?: readonly LakeObject[]): void } {
    const watch = this.#use(bucket)
    const position = watch.forgotten + watch.keys.length
    return {
      done: (objects) => {
        const isKept =
          objects !== undefined &&
          objects.length >= worthKeeping &&
          objects.length <= keptObjectsMax &&
          position >= watch.forgotten &&
          this.#watches.get(bucket) === watch &&
          !objects.some(({ key }) => isOutOfOrder.test(key))
        if (isKept) {
          const there = this.#places.get(nameOf(bucket, prefix))
          if (there) this.#drop(there)
          this.#keep({ bucket, prefix, objects, position })
        }
        this.#leave(bucket, watch)
      },
    }
  }

  reset(): void {
    this.#places.clear()
    this.#watches.clear()
    this.#keptObjects = 0
  }

  #keep(place: Place): void {
    this.#places.set(nameOf(place.bucket, place.prefix), place)
    this.#keptObjects += place.objects.length
    this.#use(place.bucket)
    this.#makeRoom()
  }

  #makeRoom(): void {
    for (const oldest of [...this.#places.values()]) {
      if (this.#keptObjects <= keptObjectsMax) break
      this.#drop(oldest)
    }
  }

  #drop(place: Place): void {
    this.#places.delete(nameOf(place.bucket, place.prefix))
    this.#keptObjects -= place.objects.length
    const watch = this.#watches.get(place.bucket)
    if (watch) this.#leave(place.bucket, watch)
  }

  #use(bucket: string): Watch {
    const watch = this.#watches.get(bucket) ?? { keys: [], forgotten: 0, users: 0 }
    watch.users += 1
    this.#watches.set(bucket, watch)
    return watch
  }

  #leave(bucket: string, watch: Watch): void {
    watch.users -= 1
    if (watch.users === 0 && this.#watches.get(bucket) === watch) this.#watches.delete(bucket)
  }

  /** Places that were not looked at since are given up. */
  #forgetHalf(bucket: string, watch: Watch): void {
    const half = watch.keys.length >> 1
    watch.keys.splice(0, half)
    watch.forgotten += half
    for (const place of [...this.#places.values()])
      if (place.bucket === bucket && place.position < watch.forgotten) this.#drop(place)
  }
}

export const listedPlaces = singleton('s3 listed places', () => new ListedPlaces())

/** A key's newest version is another, or gone. */
export function tellChanged(tx: Tx, bucket: string, key: string): void {
  const places = tx.use(listedPlaces)
  tx.afterCommit(() => places.changed(bucket, key))
}

function nameOf(bucket: string, prefix: string): string {
  return `${bucket}/${prefix}`
}

/** Both in key order: what lies between two changed keys is taken as it is, and found without being looked at. */
function withChanges(
  objects: readonly LakeObject[],
  changed: readonly string[],
  read: (key: string) => LakeObject | undefined,
): readonly LakeObject[] {
  const merged: LakeObject[] = []
  let next = 0
  const takeUntil = (end: number) => {
    for (; next < end; next++) merged.push(objects[next] as LakeObject)
  }
  for (const key of changed) {
    takeUntil(firstFrom(objects, key, next))
    if (objects[next]?.key === key) next++
    const object = read(key)
    if (object) merged.push(object)
  }
  takeUntil(objects.length)
  return merged
}

/** Where the first object lies whose key is not before this one. */
function firstFrom(objects: readonly LakeObject[], key: string, from: number): number {
  let [low, high] = [from, objects.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((objects[middle] as LakeObject).key < key) low = middle + 1
    else high = middle
  }
  return low
}
