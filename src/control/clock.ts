/** Moving the virtual clock: from due time to due time, so that each item of work sees its own time. */
import { type Millis, stopwatch, type VirtualClock, virtualClock } from '../clock.ts'
import type { Platform } from '../delivery/platform.ts'
import { collection } from '../store/collection.ts'
import type { Store } from '../store/store.ts'
import { awsError } from '../wire/errors.ts'
import { settled } from './settled.ts'

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `1h30m`, `1d` in milliseconds; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit as string] ?? 0), 0)
}

/** How far a virtual clock was moved: a server that starts again must not go back in time. */
const movedTo = collection<{ now: Millis }>('control/clock', { version: 1, scope: 'global', key: () => ['clock'] })
const anywhere = { account: '', region: '' }

/**
 * A virtual clock at the host's time, or later where it was moved before. Each commit says how far: a server that was
 * killed while the clock was being moved does not start before the times of its own records.
 */
export function resumedClock(store: Store): VirtualClock {
  const clock = virtualClock(Math.max(stopwatch.wall(), store.in(movedTo, anywhere).get('clock')?.now ?? 0))
  store.writeAlongside((transaction) => {
    const moved = transaction.in(movedTo, anywhere)
    const now = clock.now()
    if (moved.get('clock')?.now !== now) moved.put({ now })
  })
  return clock
}

/** Errors: 409 where the clock is the system's. */
export async function advanceClock(platform: Platform, milliseconds: number): Promise<void> {
  const clock = virtualClockOf(platform)
  const end = clock.now() + milliseconds
  for (;;) {
    await settled(platform)
    const next = Math.min(
      platform.runner.nextDue() ?? Number.POSITIVE_INFINITY,
      clock.nextWake() ?? Number.POSITIVE_INFINITY,
    )
    if (next > end) break
    clock.moveTo(Math.max(next, clock.now()))
    platform.runner.pokeAll()
  }
  clock.moveTo(end)
  platform.runner.pokeAll()
  await platform.store.commit((tx) => tx.in(movedTo, anywhere).put({ now: end }))
  await settled(platform)
}

function virtualClockOf(platform: Platform): VirtualClock {
  if (platform.clock.kind === 'virtual') return platform.clock as VirtualClock
  throw awsError('ClockIsSystem', 'The clock is the system’s and cannot be moved. Start with --clock virtual.', 409)
}
