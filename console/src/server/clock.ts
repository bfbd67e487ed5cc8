/** AWS's time as the server has it, which may be another than this browser's, and may stand still until it is moved. */
import { get } from './control.ts'

interface Heard {
  now: number
  isVirtual: boolean
  /** By the browser's stopwatch. */
  at: number
}

let heard: Heard | undefined

export async function serverTime(): Promise<{ now: number; isVirtual: boolean }> {
  const { now, clock } = await get<{ now: string; clock: string }>('clock')
  heard = { now: Date.parse(now), isVirtual: clock === 'virtual', at: performance.now() }
  return { now: heard.now, isVirtual: heard.isVirtual }
}

/** From what was heard last; the bar above every page asks again and again. */
export function serverNow(): number {
  if (!heard) return Date.now()
  return heard.isVirtual ? heard.now : heard.now + performance.now() - heard.at
}
