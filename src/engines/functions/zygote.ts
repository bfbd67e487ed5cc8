/**
 * An interpreter that is up and waits to be forked (runtimes/lambda-python, zygote.py). It is told what to fork and tells
 * what became of it, in lines of JSON over the socket that it was born with. When that socket ends, it ends, and all that it
 * forked.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { stopwatch } from '../../clock.ts'
import { killGroup } from '../processes.ts'
import type { Arrivals, Expected } from './arrivals.ts'
import { ForkedProcess } from './forkedProcess.ts'

/** Longer than any interpreter takes to start. */
const answerMillisecondsMax = 10_000
/** How long after the end of an instance its streams may still be on their way. */
const streamsMillisecondsMax = 250
const descriptor = 3

export interface ZygoteProgram {
  interpreterPath: string
  script: string
  environment: Record<string, string>
}

export interface ForkRequest {
  folder: string
  environment: Record<string, string>
}

/** A process was forked, could not be, or has ended. */
interface Told {
  token: string
  pid?: number
  error?: string
  code?: number
  signal?: NodeJS.Signals
}

interface Pending {
  expected: Expected
  pid?: number
  /** It has ended already. */
  ended?: Told
  settle(forked?: ForkedProcess): void
}

export class Zygote {
  /** One that never forked would not the next time either. */
  hasForked = false
  /** Since when nothing that it forked lives. */
  idleSince = stopwatch.now()
  readonly #process: ChildProcess
  /** Undefined where no process could be had at all. */
  readonly #control: Duplex | undefined
  readonly #arrivals: Arrivals
  readonly #pending = new Map<string, Pending>()
  readonly #forked = new Map<string, ForkedProcess>()
  #text = ''

  constructor(program: ZygoteProgram, arrivals: Arrivals, onEnd: () => void) {
    this.#arrivals = arrivals
    const own = { IGARAPE_ZYGOTE_FD: String(descriptor), IGARAPE_ZYGOTE_ADDRESS: arrivals.address }
    this.#process = spawn(program.interpreterPath, [program.script], {
      env: { ...program.environment, ...own },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    this.#control = this.#process.stdio?.[descriptor] as Duplex | undefined
    this.#control?.on('error', () => {})
    this.#control?.setEncoding('utf8').on('data', (text: string) => this.#receive(text))
    for (const event of ['error', 'exit']) this.#process.once(event, () => this.#ended(onEnd))
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#forked.size === 0
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Undefined where nothing could be forked. */
  fork(request: ForkRequest): Promise<ForkedProcess | undefined> {
    return new Promise((resolve) => {
      const expected = this.#arrivals.expect(() => this.#settleComplete(expected.token))
      const { token, streams } = expected
      // It hangs: stopped from outside, perhaps.
      const limit = stopwatch.after(answerMillisecondsMax, () => this.#process.kill('SIGKILL'))
      const settle = (forked?: ForkedProcess) => {
        limit.cancel()
        this.#arrivals.forget(token)
        this.#pending.delete(token)
        if (forked) this.#forked.set(token, forked)
        else for (const stream of streams) stream?.destroy()
        resolve(forked)
      }
      this.#pending.set(token, { expected, settle })
      this.#control?.write(`${JSON.stringify({ token, ...request })}\n`)
    })
  }

  end(): void {
    this.#control?.destroy()
  }

  #receive(text: string): void {
    const lines = (this.#text + text).split('\n')
    this.#text = lines.pop() as string
    for (const line of lines) this.#told(JSON.parse(line) as Told)
  }

  #told(told: Told): void {
    const { token, pid, error } = told
    const pending = this.#pending.get(token)
    if (pending && pid !== undefined) {
      pending.pid = pid
      this.#settleComplete(token)
      return
    }
    this.idleSince = stopwatch.now()
    if (pending && error === undefined) {
      pending.ended = told
      stopwatch.after(streamsMillisecondsMax, () => this.#pending.get(token)?.settle())
      return
    }
    pending?.settle()
    this.#exited(told)
  }

  #exited({ token, code, signal }: Told): void {
    this.#forked.get(token)?.exited(code ?? null, signal ?? null)
    this.#forked.delete(token)
  }

  #settleComplete(token: string): void {
    const pending = this.#pending.get(token)
    const streams = pending?.expected.streams.filter((stream) => stream !== undefined) ?? []
    if (!pending || pending.pid === undefined || streams.length < pending.expected.streams.length) return
    this.hasForked = true
    pending.settle(new ForkedProcess(pending.pid, streams))
    if (pending.ended) this.#exited(pending.ended)
  }

  #ended(onEnd: () => void): void {
    for (const { settle, pid } of [...this.#pending.values()]) {
      if (pid !== undefined) killGroup(pid)
      settle()
    }
    for (const forked of this.#forked.values()) forked.orphaned()
    this.#forked.clear()
    onEnd()
  }
}
