/**
 * An interpreter that is kept for statements: they run in it one by one, and share what they define. It ends when it is
 * closed, by its memory limit, or by what a statement does to it; in each case nothing of it is left.
 */
import { stopwatch } from '../../clock.ts'
import { processStart } from '../processes.ts'
import type { RunHost } from './host.ts'
import type { JobKind, JobProcess, RunOrder, StatementOutcome } from './jobProcess.ts'
import type { ProcessIdentity } from './orphans.ts'
import type { JobPool } from './pool.ts'

export interface SessionPlan extends RunOrder {
  kind: JobKind
  memoryBytesMax: number
}

export interface SessionListener {
  /** A promise asks to be told no more until it is settled. */
  output(stream: 'output' | 'error', text: string): Promise<void> | undefined
}

export type SessionEnd = { kind: 'closed' } | { kind: 'outOfMemory' } | { kind: 'failed'; errorMessage: string }

/** A statement whose session ended under it. */
export class SessionEnded extends Error {}

const memoryLookMilliseconds = 100

export class InteractiveSession {
  /** Statements may come. Rejects with why there will never be any. */
  readonly opened: Promise<ProcessIdentity>
  /** Never rejects. */
  readonly end: Promise<SessionEnd>
  readonly #waiting = new Map<number, (outcome: StatementOutcome) => void>()
  #process: JobProcess | undefined
  #ending: 'closed' | 'outOfMemory' | undefined
  #onOpened: () => void = () => undefined

  constructor(pool: JobPool, plan: SessionPlan, host: RunHost, listener: SessionListener) {
    const isOpen = new Promise<void>((resolve) => {
      this.#onOpened = resolve
    })
    this.end = this.#live(pool, plan, host, listener).catch((error: Error) => this.#endWith(error.message))
    this.opened = Promise.race([isOpen.then(() => this.#identity()), this.end.then(endedEarly)])
    this.opened.catch(() => undefined)
  }

  /** Errors: SessionEnded. */
  async execute(id: number, code: string): Promise<StatementOutcome> {
    const outcome = new Promise<StatementOutcome>((resolve) => this.#waiting.set(id, resolve))
    this.#process?.execute(id, code)
    try {
      return await Promise.race([outcome, this.end.then(endedEarly)])
    } finally {
      this.#waiting.delete(id)
    }
  }

  cancel(id: number): void {
    this.#process?.cancel(id)
  }

  close(): void {
    this.#endBecause('closed')
  }

  async #live(pool: JobPool, plan: SessionPlan, host: RunHost, listener: SessionListener): Promise<SessionEnd> {
    const { kind, memoryBytesMax, ...order } = plan
    const process = await pool.take(kind, order.modulesFolder)
    this.#process = process
    if (this.#ending) process.kill()
    const memory = stopwatch.every(memoryLookMilliseconds, () => {
      if (process.residentBytes() > memoryBytesMax) this.#endBecause('outOfMemory')
    })
    process.begin({ ...order, isSession: true }, host, {
      output: (stream, text) => listener.output(stream, text),
      opened: () => this.#onOpened(),
      statement: (id, outcome) => this.#waiting.get(id)?.(outcome),
    })
    const { finished, exitCode, signal } = await process.ended
    memory.cancel()
    const how = signal ? `signal ${signal}` : `exit code ${exitCode}`
    return this.#endWith(finished?.errorMessage ?? `The interpreter ended with ${how}.`)
  }

  #endWith(errorMessage: string): SessionEnd {
    return this.#ending ? { kind: this.#ending } : { kind: 'failed', errorMessage }
  }

  #endBecause(why: 'closed' | 'outOfMemory'): void {
    this.#ending ??= why
    this.#process?.kill()
  }

  #identity(): ProcessIdentity {
    const { pid = 0, mark = '' } = this.#process ?? {}
    return { pid, startedAt: processStart(pid), mark }
  }
}

function endedEarly(end: SessionEnd): never {
  throw new SessionEnded(end.kind === 'failed' ? end.errorMessage : `The session is ${end.kind}.`)
}
