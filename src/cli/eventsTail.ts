/** A bus, live: asks the server again and again for what came after the last event that was shown. */
import { stopwatch } from '../clock.ts'
import type { ControlClient } from './controlClient.ts'
import { paint } from './terminal.ts'

export interface ShownEvent {
  id?: string
  time?: string
  source?: string
  'detail-type'?: string
  detail?: unknown
}

const lookMillis = 250

export async function tailBus(
  control: ControlClient,
  { bus, json, seconds }: { bus: string; json: boolean; seconds: number },
): Promise<number> {
  const until = stopwatch.now() + seconds * 1000
  let after = (await eventsAfter(control, bus, 'now')).last
  while (stopwatch.now() < until) {
    const { events, last } = await eventsAfter(control, bus, after)
    for (const event of events) console.log(json ? JSON.stringify(event) : drawEvent(event))
    after = last
    await stopwatch.pause(lookMillis)
  }
  return 0
}

/** One line an event. */
export function drawEvent(event: ShownEvent): string {
  const head = [paint.dim(event.time ?? ''), paint.bold(event.source ?? ''), event['detail-type'] ?? '']
  return [...head, JSON.stringify(event.detail ?? event)].join('  ')
}

function eventsAfter(
  control: ControlClient,
  bus: string,
  after: string,
): Promise<{ events: ShownEvent[]; last: string }> {
  return control.get(`/events?bus=${encodeURIComponent(bus)}&after=${encodeURIComponent(after)}`)
}
