/**
 * Resident memory of a function's processes: the instance and everything it started. Address space is not counted:
 * a Node process reserves far more than it uses.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface GroupMemory {
  /** Now, of the whole group. */
  residentBytes: number
  /** The most that the instance's own process ever had; the kernel remembers what sampling misses. */
  peakBytes: number
}

export function groupMemory(pid: number, platform: NodeJS.Platform = process.platform): GroupMemory {
  return platform === 'linux' ? fromProc(pid) : fromProcessList(pid)
}

/** Of the instance's own process alone: what every invocation can afford to ask. */
export function ownMemory(pid: number, platform: NodeJS.Platform = process.platform): GroupMemory {
  return platform === 'linux' ? statusOf(pid) : { residentBytes: 0, peakBytes: 0 }
}

/** How often to look: reading /proc is cheap, listing all processes is not. */
export function samplingMilliseconds(platform: NodeJS.Platform = process.platform): number {
  return platform === 'linux' ? 50 : 500
}

function fromProc(pid: number): GroupMemory {
  const own = statusOf(pid)
  let residentBytes = own.residentBytes
  const waiting = childrenOf(pid)
  for (let child = waiting.pop(); child !== undefined; child = waiting.pop()) {
    residentBytes += statusOf(child).residentBytes
    waiting.push(...childrenOf(child))
  }
  return { residentBytes, peakBytes: Math.max(own.peakBytes, residentBytes) }
}

function statusOf(pid: number): GroupMemory {
  const status = textOf(`/proc/${pid}/status`)
  return { residentBytes: kibibytes(status, 'VmRSS:'), peakBytes: kibibytes(status, 'VmHWM:') }
}

function kibibytes(status: string, name: string): number {
  const at = status.indexOf(name)
  return at < 0 ? 0 : Number.parseInt(status.slice(at + name.length), 10) * 1024
}

function childrenOf(pid: number): number[] {
  const folder = `/proc/${pid}/task`
  let threads: string[]
  try {
    threads = readdirSync(folder)
  } catch {
    return []
  }
  return threads.flatMap((thread) => textOf(`${folder}/${thread}/children`).split(' ').filter(Boolean).map(Number))
}

// A process may end between two reads; what is gone uses nothing.
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function fromProcessList(pid: number): GroupMemory {
  const list = spawnSync('ps', ['-axo', 'pgid=,rss='], { encoding: 'utf8' }).stdout ?? ''
  let residentBytes = 0
  for (const line of list.split('\n')) {
    const [group, resident] = line.trim().split(/\s+/)
    if (Number(group) === pid) residentBytes += Number(resident) * 1024
  }
  return { residentBytes, peakBytes: residentBytes }
}
