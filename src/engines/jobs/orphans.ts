/** Processes that a killed server may have left: found again by number and start time, and ended. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { killGroup } from './jobProcess.ts'

export interface ProcessIdentity {
  pid: number
  /** Tells the process from a later one with the same number. */
  startedAt: string
}

/** When a process began, in the kernel's own words; empty when there is none. */
export function processStart(pid: number, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'linux') {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
  }
  try {
    // The name may hold blanks and brackets; the start time is the 20th field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // One that ended and was not yet collected by its parent is gone.
    return state === 'Z' ? '' : (fields[18] ?? '')
  } catch {
    return ''
  }
}

/** Ends what a killed server left running, unless the number belongs to another process by now. */
export function endOrphan({ pid, startedAt }: ProcessIdentity): void {
  if (startedAt && processStart(pid) === startedAt) killGroup(pid)
}
