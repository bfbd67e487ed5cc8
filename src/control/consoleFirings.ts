/** When a schedule will fire, for the console: the next times of an expression, by the same code that fires it. */
import type { Platform } from '../delivery/platform.ts'
import {
  InvalidSchedule,
  nextAfter,
  parseSchedule,
  parseZonedSchedule,
} from '../engines/schedules/scheduleExpressions.ts'
import { type TimeZone, timeZone } from '../engines/schedules/timeZones.ts'
import { json, type Route, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'

const firingsMax = 50

export const consoleFiringRoutes: readonly Route[] = [
  route('GET', '/_igarape/console/firings', async ({ query }, platform) => json(firings(platform, query))),
]

/** `?expression=&zone=&from=&until=&count=`: a rule's schedule where no zone is said, else one of EventBridge Scheduler. */
function firings(platform: Platform, query: URLSearchParams): object {
  const expression = query.get('expression') ?? ''
  const zone = query.get('zone')
  const until = Number(query.get('until')) || Number.POSITIVE_INFINITY
  const count = Math.min(Number(query.get('count')) || 10, firingsMax)
  const now = platform.clock.now()
  try {
    const schedule =
      zone === null ? parseSchedule(expression) : parseZonedSchedule(expression, mustGetZone(zone || 'UTC'))
    const times: number[] = []
    let last: number | undefined = Number(query.get('from')) || now
    while (times.length < count) {
      last = nextAfter(schedule, last, now)
      if (last === undefined || last > until) break
      times.push(last)
    }
    return { now, times }
  } catch (error) {
    if (error instanceof InvalidSchedule) throw awsError('BadSchedule', error.message)
    throw error
  }
}

function mustGetZone(name: string): TimeZone {
  const zone = timeZone(name)
  if (!zone) throw awsError('BadSchedule', `${name} is no time zone.`)
  return zone
}
