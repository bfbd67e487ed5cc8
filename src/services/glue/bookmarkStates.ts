/**
 * What a source has read, as a bookmark keeps it: for each place where it looked, the latest modification time that it
 * read, and which objects of the last quarter of an hour before that. An object that is older counts as read; one of
 * those minutes only if it is among them, so that an object that came late, or with an equal time, is not lost.
 */
import type { Millis } from '../../clock.ts'
import type { NewFile, ReadFile } from '../../engines/jobs/host.ts'

export interface PlaceState {
  until: Millis
  /** Versions of objects by `idOf`, and the modification time of each. */
  recentIds: Float64Array
  recentTimes: Float64Array
}

/** By the script's `transformation_ctx`, then by place (`bucket/prefix`). */
export type SourceStates = Record<string, Record<string, PlaceState>>

/** AWS's `maxBand`: how long before the latest time single objects are remembered. */
export const bandMilliseconds = 900_000

type ObjectVersion = Pick<NewFile, 'key' | 'modifiedAt'> & { etag: string }

const etagCharacters = 8

/**
 * Stands for this very version of an object in 53 bits: one that was written anew is read anew. Two of the 100,000 objects
 * of a quarter of an hour are taken for each other once in 10^6 bookmarks.
 */
export function idOf({ key, modifiedAt, etag }: ObjectVersion): number {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  const mix = (value: number) => {
    low = Math.imul(low ^ value, 0x01000193)
    high = Math.imul(high ^ value, 0x5bd1e995)
    high ^= high >>> 15
  }
  for (let index = 0; index < key.length; index++) mix(key.charCodeAt(index))
  for (let index = 0; index < etagCharacters; index++) mix(etag.charCodeAt(index))
  mix(modifiedAt % 2 ** 31)
  mix(Math.floor(modifiedAt / 2 ** 31))
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

/** So many are looked for one by one; a set of all would cost more to make. */
const singleLooksMax = 64

/**
 * Tells of an object whether it was read; made once for all objects of a place. `known` are those of which it is known
 * already: what was read stays so until its bookmark is reset.
 */
export function readingOf(
  state: PlaceState | undefined,
  known = new WeakSet<ObjectVersion>(),
): (object: ObjectVersion) => boolean {
  if (!state) return () => false
  const edge = state.until - bandMilliseconds
  const { recentIds } = state
  let looks = 0
  let recent: Set<number> | undefined
  const isRecent = (id: number) => {
    if (!recent && ++looks <= singleLooksMax) return recentIds.includes(id)
    recent ??= new Set(recentIds)
    return recent.has(id)
  }
  return (object) => {
    if (object.modifiedAt <= edge || known.has(object)) return true
    const wasRead = isRecent(idOf(object))
    if (wasRead) known.add(object)
    return wasRead
  }
}

export function withRead(states: SourceStates, sources: Record<string, readonly ReadFile[]>): SourceStates {
  const merged: SourceStates = { ...states }
  for (const [source, files] of Object.entries(sources)) {
    const byPlace = new Map<string, ReadFile[]>()
    for (const file of files) {
      const ofPlace = byPlace.get(file.place)
      if (ofPlace) ofPlace.push(file)
      else byPlace.set(file.place, [file])
    }
    const places = { ...merged[source] }
    for (const [place, ofPlace] of byPlace) places[place] = advanced(places[place], ofPlace)
    merged[source] = places
  }
  return merged
}

function advanced(state: PlaceState | undefined, files: readonly ReadFile[]): PlaceState {
  const until = files.reduce((latest, { modifiedAt }) => Math.max(latest, modifiedAt), state?.until ?? 0)
  const edge = until - bandMilliseconds
  const newer = new Map(
    files.filter(({ modifiedAt }) => modifiedAt > edge).map(({ id, modifiedAt }) => [id, modifiedAt]),
  )
  const { recentIds = none, recentTimes = none } = state ?? {}
  // There may be very many of them: nothing is made for each.
  const ids = new Float64Array(recentIds.length + newer.size)
  const times = new Float64Array(ids.length)
  let count = 0
  const take = (id: number, modifiedAt: Millis) => {
    ids[count] = id
    times[count++] = modifiedAt
  }
  recentIds.forEach((id, index) => {
    const modifiedAt = recentTimes[index] as Millis
    if (modifiedAt > edge && !newer.has(id)) take(id, modifiedAt)
  })
  newer.forEach((modifiedAt, id) => {
    take(id, modifiedAt)
  })
  return { until, recentIds: ids.slice(0, count), recentTimes: times.slice(0, count) }
}

const none = new Float64Array()
