/** What AWS's workers are, and what a run gets of this machine in their stead. */
import { availableParallelism, totalmem } from 'node:os'
import type { JobSettings } from './jobs.ts'
import type { SessionSettings } from './sessionRecords.ts'

interface WorkerType {
  dpu: number
  virtualCpus: number
  gigabytes: number
}

/** https://docs.aws.amazon.com/glue/latest/dg/worker-types.html */
export const workerTypes: Readonly<Record<string, WorkerType>> = {
  Standard: { dpu: 1, virtualCpus: 4, gigabytes: 16 },
  'G.025X': { dpu: 0.25, virtualCpus: 2, gigabytes: 4 },
  'G.1X': { dpu: 1, virtualCpus: 4, gigabytes: 16 },
  'G.2X': { dpu: 2, virtualCpus: 8, gigabytes: 32 },
  'G.4X': { dpu: 4, virtualCpus: 16, gigabytes: 64 },
  'G.8X': { dpu: 8, virtualCpus: 32, gigabytes: 128 },
  'G.12X': { dpu: 12, virtualCpus: 48, gigabytes: 192 },
  'G.16X': { dpu: 16, virtualCpus: 64, gigabytes: 256 },
  'R.1X': { dpu: 1, virtualCpus: 4, gigabytes: 32 },
  'R.2X': { dpu: 2, virtualCpus: 8, gigabytes: 64 },
  'R.4X': { dpu: 4, virtualCpus: 16, gigabytes: 128 },
  'R.8X': { dpu: 8, virtualCpus: 32, gigabytes: 256 },
}

const shareOfMachine = 0.8
const workersUnlessSaid = 10
const sessionWorkersUnlessSaid = 5

export interface Workers {
  type: string
  count: number
  virtualCpus: number
  /** As much of their memory as this machine has. */
  memoryBytesMax: number
}

/** A session that names no workers has five, as AWS's notebooks do. */
export function sessionWorkers(settings: SessionSettings): SessionSettings {
  const names = settings.MaxCapacity !== undefined || settings.NumberOfWorkers !== undefined
  return names ? settings : { WorkerType: 'G.1X', ...settings, NumberOfWorkers: sessionWorkersUnlessSaid }
}

export function workersOf({ Command, MaxCapacity, WorkerType, NumberOfWorkers }: JobSettings): Workers {
  const machine = totalmem() * shareOfMachine
  if (Command?.Name === 'pythonshell') {
    const gigabytes = MaxCapacity === 1 ? 16 : 1
    return { type: 'Python shell', count: 1, virtualCpus: 1, memoryBytesMax: Math.min(gigabytes * 2 ** 30, machine) }
  }
  const type = WorkerType ?? (MaxCapacity === undefined ? 'G.1X' : 'Standard')
  const { virtualCpus, gigabytes } = workerTypes[type] ?? (workerTypes['G.1X'] as WorkerType)
  const count = NumberOfWorkers ?? Math.max(1, Math.floor(MaxCapacity ?? workersUnlessSaid))
  return {
    type,
    count,
    virtualCpus: virtualCpus * count,
    memoryBytesMax: Math.min(gigabytes * count * 2 ** 30, machine),
  }
}

/** For the run's log: what was asked of AWS, and what this machine gives. */
export function describeWorkers({ type, count, memoryBytesMax, virtualCpus }: Workers): string {
  const threads = Math.min(virtualCpus, availableParallelism())
  const memory = `${Math.floor(memoryBytesMax / 2 ** 20)} MB`
  return `workers ${count} x ${type} stand for ${threads} thread${threads === 1 ? '' : 's'} and at most ${memory} of memory on this machine`
}
