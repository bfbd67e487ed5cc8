/** Processes of the machine: when one began, and the end of a group. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

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
    return state === 'Z' || state === 'X' ? '' : (fields[18] ?? '')
  } catch {
    return ''
  }
}

/** A process that was started in a group of its own, and all that it started. */
export function killGroup(group: number): void {
  if (group <= 1) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}
