/**
 * The two kinds of time, and chance. The *clock* is AWS time: what records, schedules and retries see; real, or virtual
 * and moved by hand. The *stopwatch* is real time: timeouts, child processes and billed milliseconds.
 * Nothing else in src/ may read the time, set a timer or draw a random number.
 */
import { randomBytes, randomUUID } from 'node:crypto'

/** Milliseconds since the epoch, in AWS time. */
export type Millis = number

export interface Clock {
  readonly kind: 'system' | 'virtual'
  now(): Millis
  /** Calls back once `at` is reached: by the system's timer, or when the virtual clock is moved there. */
  wakeAt(at: Millis, wake: () => void): Wake
}

export interface Wake {
  cancel(): void
}

/** The longest delay that a timer of the host takes; a later wake is re-armed. */
const timerMillisMax = 2 ** 31 - 1

export function systemClock(): Clock {
  return {
    kind: 'system',
    now: () => Date.now(),
    wakeAt(at, wake) {
      let timer: NodeJS.Timeout
      const arm = () => {
        const wait = at - Date.now()
        timer = setTimeout(() => (at > Date.now() ? arm() : wake()), Math.min(Math.max(wait, 0), timerMillisMax))
      }
      arm()
      return { cancel: () => clearTimeout(timer) }
    },
  }
}

export interface VirtualClock extends Clock {
  /** Moves time to `to`, never back. Wakes that fall due are called in order of their time. */
  moveTo(to: Millis): void
  /** The earliest wake that is armed. */
  nextWake(): Millis | undefined
}

export function virtualClock(start: Millis): VirtualClock {
  let now = start
  const wakes = new Set<{ at: Millis; wake: () => void }>()
  const earliest = () => {
    let first: { at: Millis; wake: () => void } | undefined
    for (const entry of wakes) if (!first || entry.at < first.at) first = entry
    return first
  }
  return {
    kind: 'virtual',
    now: () => now,
    wakeAt(at, wake) {
      const entry = { at, wake }
      if (at <= now) queueMicrotask(() => wakes.delete(entry) && wake())
      wakes.add(entry)
      return { cancel: () => wakes.delete(entry) }
    },
    nextWake: () => earliest()?.at,
    moveTo(to) {
      for (let first = earliest(); first && first.at <= to; first = earliest()) {
        wakes.delete(first)
        now = Math.max(now, first.at)
        first.wake()
      }
      now = Math.max(now, to)
    },
  }
}

/** Real time, whatever the clock says. */
export const stopwatch = {
  /** Milliseconds with a fraction, from an arbitrary start. */
  now: (): number => performance.now(),
  /** Milliseconds since the epoch on the host's own clock: for files and processes, never for AWS time. */
  wall: (): number => Date.now(),
  /** Calls back after real milliseconds. */
  after(milliseconds: number, call: () => void): Wake {
    const timer = setTimeout(call, milliseconds)
    return { cancel: () => clearTimeout(timer) }
  },
  /** Calls back again and again. It does not keep the process alive. */
  every(milliseconds: number, call: () => void): Wake {
    const timer = setInterval(call, milliseconds)
    timer.unref()
    return { cancel: () => clearInterval(timer) }
  },
  pause: (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}

/** Chance; seeded in simulations. */
export interface Random {
  /** In [0, 1). */
  fraction(): number
  uuid(): string
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string
  /** Letters and digits. */
  text(length: number): string
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Random bytes are drawn a page at a time: one by one they would cost more than a small request. */
const drawnBytes = 4096

export function systemRandom(): Random {
  let drawn = randomBytes(drawnBytes)
  let used = 0
  const take = (bytes: number): Buffer => {
    if (bytes > drawnBytes) return randomBytes(bytes)
    if (used + bytes > drawnBytes) {
      drawn = randomBytes(drawnBytes)
      used = 0
    }
    used += bytes
    return drawn.subarray(used - bytes, used)
  }
  return {
    fraction: () => Math.random(),
    uuid: () => randomUUID(),
    hex: (digits) => {
      const text = take((digits + 1) >> 1).toString('hex')
      return digits % 2 === 0 ? text : text.slice(0, digits)
    },
    text: (length) => Array.from(take(length), (byte) => letters[byte % letters.length]).join(''),
  }
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join('')
  return {
    fraction,
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    text: (length) => Array.from({ length }, () => letters[Math.floor(fraction() * letters.length)]).join(''),
  }
}
