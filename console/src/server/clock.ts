/** AWS's time as the server has it, which may be another than this browser's. */
import { get } from './control.ts'

export async function serverTime(): Promise<{ now: number }> {
  const { now } = await get<{ now: string }>('clock')
  return { now: Date.parse(now) }
}
