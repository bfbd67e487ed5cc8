/**
 * Time zones by the host's own IANA database (Intl). A wall-clock time is written as the milliseconds that the same
 * digits would have in UTC; that makes the calendar's arithmetic the same everywhere.
 */

/** What a zone's clocks show at an instant, and when they show it. */
export interface TimeZone {
  /** What the clocks show at `instant`. */
  wallAt(instant: number): number
  /**
   * The first instant at which the clocks show `wall`. Undefined where they never do, because they were put forward
   * over it.
   */
  instantOf(wall: number): number | undefined
}

export const utc: TimeZone = { wallAt: (instant) => instant, instantOf: (wall) => wall }

/** Zones are made once: Intl takes a tenth of a millisecond for one, and there are some hundred. */
const zones = new Map<string, TimeZone>()
/** No zone is further from UTC, nor were clocks ever put back by more. */
const offsetMillisMax = 26 * 3_600_000

/** Undefined where IANA knows no such zone. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === 'UTC') return utc
  const known = zones.get(name)
  if (known) return known
  // Newer hosts also read `+02:00`, which is no name.
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    const zone = zoneBy(new Intl.DateTimeFormat('en-US', { ...digits, timeZone: name }))
    zones.set(name, zone)
    return zone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const digits = {
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const

function zoneBy(format: Intl.DateTimeFormat): TimeZone {
  const wallAt = (instant: number) => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    // The formatter has no milliseconds; offsets are whole seconds, so they are those of the instant.
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000)
  }
  return {
    wallAt,
    instantOf(wall) {
      // The offset before and after any change near that time; where both fit, the earlier instant comes first.
      const offsets = [wall - offsetMillisMax, wall + offsetMillisMax].map((near) => wallAt(near) - near)
      const instants = offsets.map((offset) => wall - offset).filter((instant) => wallAt(instant) === wall)
      return instants.length > 0 ? Math.min(...instants) : undefined
    },
  }
}
