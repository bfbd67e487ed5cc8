/** What both SQL engines answer with, as the page shows it. */
import type { Call } from '../../parts/callTexts.ts'

export interface Answer {
  id: string
  columns: { name: string; type?: string }[]
  rows: (string | null)[][]
  millis: number
  bytesScanned?: number
  /** Rows that were changed, or a word for what was done. */
  note?: string
  isCut: boolean
}

export interface RunSettings {
  database?: string
  workGroup?: string
  onStart?: (id: string) => void
}

export interface Engine {
  run(sql: string, settings: RunSettings): Promise<Answer>
  cancel(id: string): Promise<unknown>
  /** What AWS is asked. */
  call(sql: string, database: string | undefined): Call
}

const firstPauseMillis = 40
const pauseMillisMax = 1_000

/** Asks until it is over, more and more seldom. */
export async function untilOver<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let pause = firstPauseMillis; ; pause = Math.min(pause * 1.4, pauseMillisMax)) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
