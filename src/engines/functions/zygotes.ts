/**
 * The zygotes, one for each interpreter: started with the first instance that they are to fork, ended when nothing that they
 * forked has lived for a while. Where there can be none, instances are started as programs.
 */
import path from 'node:path'
import { stopwatch } from '../../clock.ts'
import { Arrivals } from './arrivals.ts'
import type { ForkedProcess } from './forkedProcess.ts'
import { type ForkRequest, Zygote, type ZygoteProgram } from './zygote.ts'

/** The next instance then takes as long as the first one. */
const defaultIdleSecondsMax = 60

export class Zygotes {
  readonly #folder: string
  readonly #idleSecondsMax: number
  readonly #zygotes = new Map<string, Zygote>()
  /** Interpreters whose zygote ended before it forked anything. */
  readonly #unfit = new Set<string>()
  #arrivals: Promise<Arrivals | undefined> | undefined
  #closed = false

  constructor(folder: string, { idleSecondsMax = defaultIdleSecondsMax } = {}) {
    this.#folder = folder
    this.#idleSecondsMax = idleSecondsMax
  }

  /** Undefined where nothing could be forked. Elsewhere than on Linux libraries of the system start threads. */
  async fork(program: ZygoteProgram, request: ForkRequest): Promise<ForkedProcess | undefined> {
    if (process.platform !== 'linux' || this.#unfit.has(program.interpreterPath)) return undefined
    this.#arrivals ??= Arrivals.open(this.#folder)
    const arrivals = await this.#arrivals
    if (!arrivals || this.#closed) return undefined
    return this.#zygote(program, arrivals).fork(request)
  }

  endIdle(): void {
    const since = stopwatch.now() - this.#idleSecondsMax * 1000
    for (const [interpreterPath, zygote] of this.#zygotes) {
      if (!zygote.isIdle || zygote.idleSince >= since) continue
      this.#zygotes.delete(interpreterPath)
      zygote.end()
    }
  }

  /** What was forked and is still there ends too. */
  async close(): Promise<void> {
    this.#closed = true
    for (const zygote of this.#zygotes.values()) zygote.end()
    ;(await this.#arrivals)?.close()
  }

  #zygote(program: ZygoteProgram, arrivals: Arrivals): Zygote {
    const { interpreterPath, environment } = program
    let zygote = this.#zygotes.get(interpreterPath)
    if (!zygote) {
      const home = { HOME: path.join(this.#folder, 'nobody') }
      const started = new Zygote({ ...program, environment: { ...environment, ...home } }, arrivals, () => {
        if (!started.hasForked) this.#unfit.add(interpreterPath)
        if (this.#zygotes.get(interpreterPath) === started) this.#zygotes.delete(interpreterPath)
      })
      zygote = started
      this.#zygotes.set(interpreterPath, zygote)
    }
    return zygote
  }
}
