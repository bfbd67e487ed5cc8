/** Processes that a run or a killed server may have left: found again by number and start time, or by their mark, and ended. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  /** Tells the process from a later one with the same number. */
  startedAt: string
  /** What it and all that it started carry in their environment. */
  mark?: string
}

export const markName = 'IGARAPE_JOB_PROCESS'

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
export function endOrphan({ pid, startedAt, mark }: ProcessIdentity): void {
  if (startedAt && processStart(pid) === startedAt) killGroup(pid)
  if (mark) endMarked(mark)
}

export function killGroup(group: number): void {
  if (group <= 1) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
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
