/**
 * One process of one function: started, initialized, given invocations one at a time, and ended.
 *
 * An invocation is over when its answer, its last log line and the instance's next question have all come: three
 * streams that arrive in any order. It is over at once when time or memory runs out or the process ends; then the whole
 * process group is killed, and the outcome waits only until its last output has been read.
 */
import type { Duplex, Readable } from 'node:stream'
import { stopwatch, type Wake } from '../../clock.ts'
import { killGroup } from '../processes.ts'
import type { FunctionSpec, LogLine } from './functionSpec.ts'
import { readFrames, readLines } from './logFrames.ts'
import { groupMemory, ownMemory } from './memory.ts'
import type { Outcome } from './outcome.ts'
import { RuntimeApi, type RuntimeInvocation } from './runtimeApi.ts'

/** How long an answer waits for the log's end and the next question. */
const settleMillisecondsMax = 50
/** How long an ended process is given to let go of its output. */
const outputMillisecondsMax = 250

interface Run {
  invocation: RuntimeInvocation
  onStart: (() => void) | undefined
  resolve: (outcome: Outcome) => void
  outcome?: Outcome
  answeredAt: number
  logEnded: boolean
  asked: boolean
  handed: boolean
  timers: Wake[]
}

/** A child, or what a zygote forked. */
export interface InstanceProcess {
  readonly pid?: number | undefined
  readonly stdio: readonly unknown[]
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown
  once(event: 'close', listener: () => void): unknown
}

export interface InstanceEvents {
  idle(instance: Instance): void
  gone(instance: Instance): void
}

export class Instance {
  readonly spec: FunctionSpec
  readonly logStream: string
  readonly startedAt: number
  /** Ready, or why not. */
  readonly initialized: Promise<Outcome | undefined>
  initMilliseconds = 0
  retired = false
  /** Ended by the server itself; then there is no outcome. */
  interrupted = false
  idleSince = 0
  state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting'
  residentBytes = 0
  peakBytes = 0
  onLog: (line: LogLine) => void
  readonly #process: InstanceProcess
  readonly #api: RuntimeApi
  readonly #events: InstanceEvents
  #settleInit: (failure: Outcome | undefined) => void = () => {}
  #initSettled = false
  #run: Run | undefined

  constructor(
    process: InstanceProcess,
    setup: {
      spec: FunctionSpec
      logStream: string
      startedAt: number
      onLog: (line: LogLine) => void
      events: InstanceEvents
    },
  ) {
    this.spec = setup.spec
    this.startedAt = setup.startedAt
    this.logStream = setup.logStream
    this.onLog = setup.onLog
    this.#process = process
    this.#events = setup.events
    this.initialized = new Promise((resolve) => {
      this.#settleInit = resolve
    })
    const log = (message: string) => this.onLog({ stream: this.logStream, message })
    const [, stdout, stderr, runtime, frames] = process.stdio as unknown as (Readable & Duplex)[]
    readLines(stdout as Readable, log)
    readLines(stderr as Readable, log)
    readFrames(frames as Readable, { log, end: (requestId) => this.#logEnded(requestId) })
    this.#api = new RuntimeApi(runtime as Duplex, {
      next: () => this.#asked(),
      response: (requestId, body) => this.#answered(requestId, { kind: 'response', body }),
      error: (requestId, errorType, body) => this.#answered(requestId, { kind: 'error', errorType, body }),
      initError: (errorType, body) => this.#initEnded({ kind: 'error', errorType, body }),
    })
    process.on('error', (error) => {
      log(`The function's process could not be started: ${error.message}`)
      this.#exited(null, null)
    })
    process.on('exit', (code, signal) => this.#exited(code, signal))
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** The invocation is handed over as soon as the instance is initialized. */
  run(invocation: RuntimeInvocation, timeoutMilliseconds: number, onStart?: () => void): Promise<Outcome> {
    return new Promise((resolve) => {
      const run: Run = {
        ...{ invocation, onStart, resolve, answeredAt: 0 },
        ...{ logEnded: false, asked: false, handed: false, timers: [] },
      }
      this.#run = run
      this.#limit(run, timeoutMilliseconds)
      if (this.state === 'gone') this.#conclude(run, { kind: 'exit', code: null, signal: null })
      else if (this.state === 'idle') this.#hand(run)
    })
  }

  /** When the last answer came, on the stopwatch. */
  answeredAt = 0

  /** Looks at the memory of the process group; over the limit it is the end. */
  checkMemory(): void {
    if (this.pid === undefined || this.state === 'gone') return
    const memory = groupMemory(this.pid)
    this.residentBytes = memory.residentBytes
    this.peakBytes = Math.max(this.peakBytes, memory.peakBytes)
    if (this.peakBytes <= this.spec.memoryMegabytes * 1024 * 1024) return
    this.endWith({ kind: 'memory' })
  }

  endWith(outcome: Outcome): void {
    const run = this.#run
    this.end()
    if (run && !run.outcome) this.#whenOutputEnds(() => this.#conclude(run, outcome))
    else if (!this.#initSettled) this.#whenOutputEnds(() => this.#initEnded(outcome))
  }

  end(): void {
    if (this.pid !== undefined) killGroup(this.pid)
  }

  #limit(run: Run, milliseconds: number): void {
    const begunAt = stopwatch.now()
    const arm = () => {
      const rest = begunAt + milliseconds - stopwatch.now()
      // A host's timer may be a moment early; a function never loses that moment.
      if (rest > 0) run.timers.push(stopwatch.after(Math.ceil(rest), arm))
      else if (!run.outcome) this.endWith({ kind: 'timeout' })
    }
    arm()
  }

  #hand(run: Run): void {
    this.state = 'busy'
    run.handed = true
    run.onStart?.()
    this.#api.hand(run.invocation)
  }

  #asked(): void {
    const run = this.#run
    const fresh = this.state === 'starting'
    if (fresh) this.#initEnded(undefined)
    if (run && !run.handed) {
      this.#hand(run)
      return
    }
    this.state = 'idle'
    if (run) {
      run.asked = true
      this.#settle(run)
    } else if (!fresh) this.#events.idle(this)
    // A fresh instance belongs to the invocation that it was started for.
  }

  #answered(requestId: string, outcome: Outcome): void {
    const run = this.#run
    if (!run || run.outcome || run.invocation.requestId !== requestId) return
    run.outcome = outcome
    run.answeredAt = stopwatch.now()
    run.timers.push(stopwatch.after(settleMillisecondsMax, () => this.#conclude(run, outcome)))
    this.#settle(run)
  }

  #logEnded(requestId: string): void {
    const run = this.#run
    if (run?.invocation.requestId !== requestId) return
    run.logEnded = true
    this.#settle(run)
  }

  #settle(run: Run): void {
    if (run.outcome && run.logEnded && run.asked) this.#conclude(run, run.outcome)
  }

  #conclude(run: Run, outcome: Outcome): void {
    if (this.#run !== run) return
    this.#run = undefined
    for (const timer of run.timers) timer.cancel()
    this.answeredAt = run.answeredAt || stopwatch.now()
    // Looked at before the instance is free: nobody else may have got it when it must end.
    const exceeded = this.state !== 'gone' && outcome.kind !== 'timeout' && this.#exceededMemory()
    if (exceeded) this.end()
    run.resolve(exceeded ? { kind: 'memory' } : outcome)
    if (this.state === 'idle' && !exceeded) this.#events.idle(this)
  }

  /** At the end of an invocation: what grew and shrank between two looks is remembered by the kernel. */
  #exceededMemory(): boolean {
    if (this.pid !== undefined) {
      const own = ownMemory(this.pid)
      this.peakBytes = Math.max(this.peakBytes, own.peakBytes)
      this.residentBytes = Math.max(this.residentBytes, own.residentBytes)
    }
    return this.peakBytes > this.spec.memoryMegabytes * 1024 * 1024
  }

  #initEnded(failure: Outcome | undefined): void {
    if (this.#initSettled) return
    this.#initSettled = true
    this.initMilliseconds = stopwatch.now() - this.startedAt
    this.#settleInit(failure)
    const run = this.#run
    if (failure && run) this.#conclude(run, failure)
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.state === 'gone') return
    this.state = 'gone'
    // What the function started ends with it.
    this.end()
    this.#events.gone(this)
    this.#whenOutputEnds(() => {
      const run = this.#run
      const outcome: Outcome = { kind: 'exit', code, signal }
      if (run) this.#conclude(run, run.outcome ?? outcome)
      this.#initEnded(outcome)
    })
  }

  #whenOutputEnds(then: () => void): void {
    const limit = stopwatch.after(outputMillisecondsMax, then)
    this.#process.once('close', () => {
      limit.cancel()
      then()
    })
  }
}
