/**
 * The lanes of one queue: rows that share a fairness key (a target, a function) wait in one lane, in order of time, and
 * lanes take turns. So what waits in one lane, however much, is never looked at to find what may run in another.
 *
 * A lane that has rows is always known in one of three ways: it is *ready* (something in it is due and not started), or
 * *waiting* until a time that is not after its first row's, or its rows are under way and it comes back as they end.
 * All of it is made anew from the marks on disk when the runner starts.
 */
import type { Millis } from '../clock.ts'
import type { DueMark } from './due.ts'

export class Lanes {
  /** In order of their turns. */
  readonly #ready = new Set<string>()
  readonly #waiting = new TimeHeap()
  readonly #running = new Map<string, number>()
  readonly #lookedTo = new Map<string, DueMark>()

  clear(): void {
    this.#ready.clear()
    this.#waiting.clear()
  }

  /** Something in the lane is due at `at`, or may be. */
  expect(lane: string, at: Millis): void {
    if (!this.#ready.has(lane)) this.#waiting.add(lane, at)
  }

  /** Those whose time has come get in line behind those that are ready. */
  ready(now: Millis): readonly string[] {
    for (let lane = this.#waiting.take(now); lane !== undefined; lane = this.#waiting.take(now)) this.#ready.add(lane)
    return [...this.#ready]
  }

  /** A lane has had its turn: it goes behind the others, or waits until there is more. */
  tookTurn(lane: string, { isMore }: { isMore: boolean }): void {
    this.#ready.delete(lane)
    if (isMore) this.#ready.add(lane)
  }

  hasDue(now: Millis): boolean {
    return this.#ready.size > 0 || (this.#waiting.first?.at ?? Number.POSITIVE_INFINITY) <= now
  }

  get nextWaiting(): { lane: string; at: Millis } | undefined {
    return this.#waiting.first
  }

  /** The first row of a lane that waits turned out to be later, or gone. */
  correct(lane: string, at: Millis | undefined): void {
    this.#waiting.delete(lane)
    if (at !== undefined) this.#waiting.add(lane, at)
  }

  /** What lies up to here runs, or is held back: it need not be stepped over again as long as some of it runs. */
  lookedTo(lane: string): DueMark | undefined {
    return this.#lookedTo.get(lane)
  }

  looked(lane: string, mark: DueMark): void {
    this.#lookedTo.set(lane, mark)
  }

  /** Something comes in before what was looked at, or may. */
  lookAnew(lane: string, at: Millis, now: Millis): void {
    const looked = this.#lookedTo.get(lane)
    if (looked && at <= Math.max(looked.dueAt, now)) this.#lookedTo.delete(lane)
  }

  runningIn(lane: string): number {
    return this.#running.get(lane) ?? 0
  }

  started(lane: string): void {
    this.#running.set(lane, this.runningIn(lane) + 1)
  }

  ended(lane: string): void {
    const left = this.runningIn(lane) - 1
    if (left > 0) this.#running.set(lane, left)
    else {
      this.#running.delete(lane)
      this.#lookedTo.delete(lane)
    }
  }
}

interface Entry {
  lane: string
  at: Millis
}

/** Lanes by time, the earliest first. An earlier time replaces a later one; what was replaced stays until it is met. */
class TimeHeap {
  readonly #times = new Map<string, Millis>()
  #entries: Entry[] = []

  get first(): Entry | undefined {
    for (let entry = this.#entries[0]; entry; entry = this.#entries[0]) {
      if (this.#times.get(entry.lane) === entry.at) return entry
      this.#removeFirst()
    }
    return undefined
  }

  add(lane: string, at: Millis): void {
    const known = this.#times.get(lane)
    if (known !== undefined && known <= at) return
    this.#times.set(lane, at)
    const entries = this.#entries
    let index = entries.push({ lane, at }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if ((entries[parent] as Entry).at <= at) break
      swap(entries, index, parent)
      index = parent
    }
  }

  delete(lane: string): void {
    this.#times.delete(lane)
  }

  /** The earliest lane whose time has come. */
  take(now: Millis): string | undefined {
    const { first } = this
    if (!first || first.at > now) return undefined
    this.#removeFirst()
    this.#times.delete(first.lane)
    return first.lane
  }

  clear(): void {
    this.#times.clear()
    this.#entries = []
  }

  #removeFirst(): void {
    const entries = this.#entries
    const last = entries.pop() as Entry
    if (entries.length === 0) return
    entries[0] = last
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      let least = index
      for (const child of [left, right]) {
        if (child < entries.length && (entries[child] as Entry).at < (entries[least] as Entry).at) least = child
      }
      if (least === index) return
      swap(entries, index, least)
      index = least
    }
  }
}

function swap(entries: Entry[], left: number, right: number): void {
  const held = entries[left] as Entry
  entries[left] = entries[right] as Entry
  entries[right] = held
}
