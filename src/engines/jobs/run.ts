/**
 * One run of a script from its beginning to its end: an interpreter, its limits, its output, and what came of it. A run
 * ends by itself, by its timeout, by its memory limit, or because it is stopped; in each case nothing of it is left.
 */
import { stopwatch } from '../../clock.ts'
import type { RunHost } from './host.ts'
import type { JobKind, JobProcess, RunCounts, RunOrder } from './jobProcess.ts'
import { type ProcessIdentity, processStart } from './orphans.ts'
import type { JobPool } from './pool.ts'

export interface RunPlan extends RunOrder {
  kind: JobKind
  modulesFolder?: string
  timeoutSeconds: number
  memoryBytesMax: number
}

export interface RunListener {
  /** The interpreter is ready and the script begins; what is needed to find its processes again. */
  started(identity: ProcessIdentity): void | Promise<void>
  /** A promise asks to be told no more until it is settled. */
  output(stream: 'output' | 'error', text: string): Promise<void> | undefined
  /** What it has read and written so far. */
  progress?(counts: RunCounts): void
}

export type RunEnd = { milliseconds: number; peakBytes: number; counts?: RunCounts } & (
  | { kind: 'succeeded' }
  | { kind: 'failed'; errorMessage: string }
  | { kind: 'timedOut' }
  | { kind: 'outOfMemory' }
  | { kind: 'stopped' }
)

const memoryLookMilliseconds = 100

export class Run {
  /** What came of it; never rejects. */
  readonly end: Promise<RunEnd>
  readonly #pool: JobPool
  readonly #plan: RunPlan
  #process: JobProcess | undefined
  #ending: 'timedOut' | 'outOfMemory' | 'stopped' | undefined
  #peakBytes = 0
  #startedAt = 0

  constructor(pool: JobPool, plan: RunPlan, host: RunHost, listener: RunListener) {
    this.#pool = pool
    this.#plan = plan
    this.end = this.#run(host, listener).catch((error: Error) => this.#neverBegan(error))
  }

  /** Ends it wherever it is. */
  stop(): void {
    this.#endBecause('stopped')
  }

  async #run(host: RunHost, listener: RunListener): Promise<RunEnd> {
    const process = await this.#pool.take(this.#plan.kind, this.#plan.modulesFolder)
    this.#process = process
    if (this.#ending) process.kill()
    await listener.started({ pid: process.pid, startedAt: processStart(process.pid), mark: process.mark })
    this.#startedAt = stopwatch.now()
    const { kind: _kind, modulesFolder: _modules, timeoutSeconds, memoryBytesMax, ...order } = this.#plan
    const timeout = stopwatch.after(timeoutSeconds * 1000, () => this.#endBecause('timedOut'))
    const memory = stopwatch.every(memoryLookMilliseconds, () => this.#lookAtMemory(memoryBytesMax))
    if (!this.#ending) process.begin(order, host, listener)
    const { finished, exitCode, signal } = await process.ended
    timeout.cancel()
    memory.cancel()
    const measures = { ...this.#measures(), ...(finished?.counts && { counts: finished.counts }) }
    // What the script itself came to counts, even if it was stopped in the same moment.
    if (finished?.succeeded) return { kind: 'succeeded', ...measures }
    if (finished) return { kind: 'failed', errorMessage: finished.errorMessage ?? 'Unknown error', ...measures }
    if (this.#ending) return { kind: this.#ending, ...measures }
    const how = signal ? `signal ${signal}` : `exit code ${exitCode}`
    return { kind: 'failed', errorMessage: `Command failed with ${how}`, ...measures }
  }

  #neverBegan(error: Error): RunEnd {
    if (this.#ending) return { kind: this.#ending, ...this.#measures() }
    return { kind: 'failed', errorMessage: error.message, ...this.#measures() }
  }

  #endBecause(why: 'timedOut' | 'outOfMemory' | 'stopped'): void {
    this.#ending ??= why
    this.#process?.kill()
  }

  #lookAtMemory(limit: number): void {
    const resident = this.#process?.residentBytes() ?? 0
    this.#peakBytes = Math.max(this.#peakBytes, resident)
    if (resident > limit) this.#endBecause('outOfMemory')
  }

  #measures(): { milliseconds: number; peakBytes: number } {
    return { milliseconds: this.#startedAt ? stopwatch.now() - this.#startedAt : 0, peakBytes: this.#peakBytes }
  }
}
