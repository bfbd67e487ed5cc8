/** Live tails: what is put into a group is handed to those who watch it, once it is on disk. */
import { stopwatch } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { Scope } from '../../store/collection.ts'
import type { Written } from './eventBodies.ts'

export interface TailedEvent {
  logGroupIdentifier: string
  logStreamName: string
  message: string
  timestamp: number
  ingestionTime: number
}

export interface TailWanted {
  scope: Scope
  groups: readonly string[]
  streams: readonly string[]
  streamPrefixes: readonly string[]
  passes: (message: string) => boolean
}

/** One update holds no more; the rest of that second is left out, and the update says so. */
const updateEventsMax = 500

/** One who watches. */
export class Tail {
  readonly wanted: TailWanted
  #events: TailedEvent[] = []
  #isSampled = false

  constructor(wanted: TailWanted) {
    this.wanted = wanted
  }

  add(event: TailedEvent): void {
    if (this.#events.length < updateEventsMax) this.#events.push(event)
    else this.#isSampled = true
  }

  take(): { events: TailedEvent[]; sampled: boolean } {
    const taken = { events: this.#events, sampled: this.#isSampled }
    this.#events = []
    this.#isSampled = false
    return taken
  }
}

export class LiveTails {
  readonly #tails = new Set<Tail>()
  #isClosed = false

  get isWatched(): boolean {
    return this.#tails.size > 0
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  watch(wanted: TailWanted): Tail {
    const tail = new Tail(wanted)
    this.#tails.add(tail)
    return tail
  }

  leave(tail: Tail): void {
    this.#tails.delete(tail)
  }

  publish(
    { account, region }: Scope,
    group: string,
    stream: string,
    events: readonly Written[],
    ingestionTime: number,
  ): void {
    for (const tail of this.#tails) {
      const { scope, groups, streams, streamPrefixes, passes } = tail.wanted
      if (scope.account !== account || scope.region !== region || !groups.includes(group)) continue
      if (streams.length > 0 && !streams.includes(stream)) continue
      if (streamPrefixes.length > 0 && !streamPrefixes.some((prefix) => stream.startsWith(prefix))) continue
      for (const [timestamp, message] of events) {
        if (!passes(message)) continue
        tail.add({
          logGroupIdentifier: `${account}:${group}`,
          logStreamName: stream,
          message,
          timestamp,
          ingestionTime,
        })
      }
    }
  }

  /** Waits as long as there is between two updates. */
  nextUpdate(): Promise<void> {
    return stopwatch.pause(updateMilliseconds)
  }

  close(): void {
    this.#isClosed = true
    this.#tails.clear()
  }
}

const updateMilliseconds = 1_000

export const liveTails = singleton('live tails', () => new LiveTails())
