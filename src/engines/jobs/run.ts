/**
 * One run of a script from its beginning to its end: an interpreter, its limits, its output, and what came of it. A run
 * ends by itself, by its timeout, by its memory limit, or because it is stopped; in each case nothing of it is left.
 */
import { stopwatch } from '../../clock.ts'
import { processStart } from '../processes.ts'
import type { ConnectServer, ConnectWants } from './connectServers.ts'
import type { RunHost } from './host.ts'
import type { JobKind, JobProcess, ProcessEnd, RunCounts, RunOrder } from './jobProcess.ts'
import type { ProcessIdentity } from './orphans.ts'
import type { JobPool } from './pool.ts'

export interface RunPlan extends RunOrder {
  kind: JobKind
  /** For a run over a Connect server of this machine: what that has for its whole life. */
  connect?: ConnectWants
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

/** What interrupts a run asks nothing. */
const noHost: RunHost = {
  lake: {
    list: async () => ({ files: [] }),
    open: async () => ({ files: [] }),
    commit: async () => undefined,
  },
  glue: async () => ({}),
}

export class Run {
  /** What came of it; never rejects. */
  readonly end: Promise<RunEnd>
  readonly #pool: JobPool
  readonly #plan: RunPlan
  #process: JobProcess | undefined
  #server: ConnectServer | undefined
  /** Over a Connect server of this machine: what the run's own process has read and written, and what the server has for it. */
  #own: RunCounts | undefined
  #served: RunCounts | undefined
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
    const process = await this.#take()
    let ended: ProcessEnd | undefined
    try {
      if (this.#ending) process.kill()
      // The client of a server that is gone would wait for it to come back.
      void this.#server?.process.ended.then(() => process.kill())
      await listener.started({ pid: process.pid, startedAt: processStart(process.pid), mark: process.mark })
      ended = await this.#carryOut(process, host, this.#withServer(listener))
    } finally {
      await this.#leaveSpark(ended?.finished !== undefined && !this.#ending)
    }
    return this.#endOf(ended)
  }

  /** What the server does for the run counts as the run's. */
  #withServer(listener: RunListener): RunListener {
    if (!this.#server) return listener
    const tell = () => listener.progress?.(sumOf(this.#own, this.#served))
    this.#server.process.onServed = (counts) => {
      this.#served = counts
      tell()
    }
    return {
      ...listener,
      progress: (counts) => {
        this.#own = counts
        tell()
      },
    }
  }

  /** Both that it needs, or neither. */
  async #take(): Promise<JobProcess> {
    const { kind, connect, modulesFolder } = this.#plan
    const taking = this.#pool.take(kind, modulesFolder)
    taking.catch(() => undefined)
    try {
      if (connect) this.#server = await this.#pool.servers.take(connect)
    } catch (error) {
      void taking.then((process) => process.kill())
      throw error
    }
    try {
      this.#process = await taking
      return this.#process
    } catch (error) {
      await this.#leaveSpark(true)
      throw error
    }
  }

  async #carryOut(process: JobProcess, host: RunHost, listener: RunListener): Promise<ProcessEnd> {
    this.#startedAt = stopwatch.now()
    const timeout = stopwatch.after(this.#plan.timeoutSeconds * 1000, () => this.#endBecause('timedOut'))
    const memory = stopwatch.every(memoryLookMilliseconds, () => this.#lookAtMemory(this.#plan.memoryBytesMax))
    if (!this.#ending) process.begin(this.#order(), host, listener)
    const ended = await process.ended
    timeout.cancel()
    memory.cancel()
    return ended
  }

  #order(): RunOrder {
    const { kind: _kind, connect: _connect, timeoutSeconds: _seconds, memoryBytesMax: _bytes, ...order } = this.#plan
    if (!this.#server || !order.spark) return order
    return { ...order, spark: { ...order.spark, remote: this.#server.remote } }
  }

  /** What the run began on a Connect server does not go on after it. */
  async #leaveSpark(endedByItself: boolean): Promise<void> {
    if (this.#server) {
      this.#served = (await this.#pool.servers.giveBack(this.#server, endedByItself)) ?? this.#served
      return
    }
    if (!this.#plan.spark?.isElsewhere || endedByItself) return
    const process = await this.#pool.take('connect')
    process.begin({ ...this.#order(), scriptPath: this.#pool.interruptScript, pythonPaths: [] }, noHost, {
      output: () => undefined,
    })
    await process.ended
  }

  #endOf({ finished, exitCode, signal }: ProcessEnd): RunEnd {
    const own = finished?.counts ?? this.#own
    const counts = this.#server && (own || this.#served) ? sumOf(own, this.#served) : own
    const measures = { ...this.#measures(), ...(counts && { counts }) }
    // What the script itself came to counts, even if it was stopped in the same moment.
    if (finished?.succeeded) return { kind: 'succeeded', ...measures }
    if (finished) return { kind: 'failed', errorMessage: finished.errorMessage ?? 'Unknown error', ...measures }
    if (this.#ending) return { kind: this.#ending, ...measures }
    if (this.#server?.isLost)
      return {
        kind: 'failed',
        errorMessage: `Spark's Connect server ended: ${this.#server.process.earlyOutput}`,
        ...measures,
      }
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
    const resident = (this.#process?.residentBytes() ?? 0) + (this.#server?.process.residentBytes() ?? 0)
    this.#peakBytes = Math.max(this.#peakBytes, resident)
    if (resident > limit) this.#endBecause('outOfMemory')
  }

  #measures(): { milliseconds: number; peakBytes: number } {
    return { milliseconds: this.#startedAt ? stopwatch.now() - this.#startedAt : 0, peakBytes: this.#peakBytes }
  }
}

function sumOf(some: RunCounts | undefined, others: RunCounts | undefined): RunCounts {
  const [one, other] = [some ?? nothing, others ?? nothing]
  return {
    rowsRead: one.rowsRead + other.rowsRead,
    bytesRead: one.bytesRead + other.bytesRead,
    filesRead: one.filesRead + other.filesRead,
    rowsWritten: one.rowsWritten + other.rowsWritten,
    bytesWritten: one.bytesWritten + other.bytesWritten,
    filesWritten: one.filesWritten + other.filesWritten,
  }
}

const nothing: RunCounts = {
  rowsRead: 0,
  bytesRead: 0,
  filesRead: 0,
  rowsWritten: 0,
  bytesWritten: 0,
  filesWritten: 0,
}
