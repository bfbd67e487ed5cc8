/** Processes that a run or a killed server may have left: found again by number and start time, or by their mark, and ended. */
import { readdirSync, readFileSync } from 'node:fs'
import { killGroup, processStart } from '../processes.ts'

export interface ProcessIdentity {
  pid: number
  /** Tells the process from a later one with the same number. */
  startedAt: string
  /** What it and all that it started carry in their environment. */
  mark?: string
}

export const markName = 'IGARAPE_JOB_PROCESS'

/** Ends what a killed server left running, unless the number belongs to another process by now. */
export function endOrphan({ pid, startedAt, mark }: ProcessIdentity): void {
  if (startedAt && processStart(pid) === startedAt) killGroup(pid)
  if (mark) endMarked(mark)
}

/** Ends what left the process group by a session of its own: it is still known by its environment. Only Linux shows it. */
export function endMarked(mark: string): void {
  const wanted = `${markName}=${mark}`
  for (const pid of numbersIn('/proc')) {
    if (pid !== process.pid && environmentOf(pid).includes(wanted)) killProcess(pid)
  }
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
