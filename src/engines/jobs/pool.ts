/**
 * Interpreters for runs: some are kept ready with their imports done and their engine up (a Sail server, or the Java machine
 * of Apache Spark), so that a run begins at once. Each serves one run and is gone; another takes its place. A run that finds
 * no spare waits for one to start.
 */
import { rmSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { processStart } from '../processes.ts'
import { ConnectServers } from './connectServers.ts'
import { type JobKind, JobProcess, type ProcessPlan } from './jobProcess.ts'
import type { SparkInstallation } from './sparkInstallation.ts'

export interface PoolSettings {
  /** Resolves once the Python environment is there. */
  python: () => Promise<string>
  /** Errors: where Apache Spark is not installed. */
  spark?: () => SparkInstallation
  /** The package's `runtimes`. */
  runtimesFolder: string
  /** Where spares are started. */
  folder: string
  hostEnvironment: Readonly<Record<string, string>>
  /** How long Apache Spark's Connect server is kept without a run. */
  serverIdleSeconds?: number
  /** How many spares of a kind are kept once runs of it are known. */
  spares: number
  /** Told when a spare cannot be started; the next run tells its owner. */
  onFailure: (error: unknown) => void
}

/** What a waiting interpreter takes, measured, with some room. */
const spareBytes: Record<JobKind, number> = {
  spark: 300 * 2 ** 20,
  apache: 500 * 2 ** 20,
  connect: 200 * 2 ** 20,
  shell: 0,
}

const serverIdleSecondsUnlessSaid = 600

interface Spares {
  waiting: Set<JobProcess>
  starting: number
}

export class JobPool {
  /** Those of Apache Spark that are kept between runs. */
  readonly servers: ConnectServers
  readonly #settings: PoolSettings
  /** By kind, from when runs of it are known. */
  readonly #spares = new Map<JobKind, Spares>()
  #started = 0
  #closed = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.servers = new ConnectServers({
      plan: () => this.#planOnSpark('server'),
      idleSeconds: settings.serverIdleSeconds ?? serverIdleSecondsUnlessSaid,
    })
  }

  /** There are jobs: spares are worth their memory from now on. */
  warmUp(): void {
    void this.#refill('spark')
  }

  /** An interpreter that is ready for a run. One with packages of its own imports those from its start. */
  async take(kind: JobKind, modulesFolder?: string): Promise<JobProcess> {
    if (kind === 'shell') return this.#start('shell', modulesFolder)
    if (modulesFolder) {
      const own = await this.#start(kind, modulesFolder)
      await own.ready
      return own
    }
    const { waiting } = this.#sparesOf(kind)
    const [spare] = waiting
    if (spare) waiting.delete(spare)
    const taken = await (spare ?? this.#start(kind))
    try {
      await taken.ready
      return taken
    } finally {
      // The next one starts after the run had its first moments to itself.
      void taken.ended.then(() => this.#refill(kind))
    }
  }

  /** Ends what a run that was killed left behind on another's Connect server. */
  get interruptScript(): string {
    return join(this.#settings.runtimesFolder, 'spark/igarape_spark/interrupt.py')
  }

  /** For tests and benches: resolves when the spares are ready. */
  async settled(): Promise<void> {
    await this.#refill('spark')
    await Promise.all(this.#allWaiting().map((spare) => spare.ready))
  }

  async close(): Promise<void> {
    this.#closed = true
    const spares = this.#allWaiting()
    for (const spare of spares) spare.kill()
    await Promise.all([this.servers.close(), ...spares.map((spare) => spare.ended)])
    rmSync(this.#settings.folder, { recursive: true, force: true })
  }

  #allWaiting(): JobProcess[] {
    return [...this.#spares.values()].flatMap(({ waiting }) => [...waiting])
  }

  #sparesOf(kind: JobKind): Spares {
    const found = this.#spares.get(kind) ?? { waiting: new Set(), starting: 0 }
    this.#spares.set(kind, found)
    return found
  }

  async #refill(kind: JobKind): Promise<void> {
    const spares = this.#sparesOf(kind)
    while (!this.#closed && spares.waiting.size + spares.starting < this.#settings.spares) {
      if (this.#allWaiting().length > 0 && freemem() < spareBytes[kind] * 2) return
      spares.starting += 1
      try {
        const spare = await this.#start(kind)
        if (this.#closed) spare.kill()
        else this.#keep(spares, spare)
        await spare.ready
      } catch (error) {
        if (!this.#closed) this.#settings.onFailure(error)
        return
      } finally {
        spares.starting -= 1
      }
    }
  }

  #keep({ waiting }: Spares, spare: JobProcess): void {
    waiting.add(spare)
    void spare.ended.then(() => waiting.delete(spare))
  }

  async #start(kind: JobKind, modulesFolder?: string): Promise<JobProcess> {
    const own = modulesFolder ? { modulesFolder } : {}
    if (kind === 'apache' || kind === 'connect') return new JobProcess({ ...this.#planOnSpark(kind), kind, ...own })
    const python = await this.#settings.python()
    return new JobProcess({ ...this.#placeOf(kind), kind, python, ...own })
  }

  #planOnSpark(name: string): Omit<ProcessPlan, 'kind'> {
    if (!this.#settings.spark) throw new Error('This pool has no Apache Spark.')
    const { python, jarsFolder } = this.#settings.spark()
    return { ...this.#placeOf(name), python, jarsFolder }
  }

  #placeOf(name: string): Omit<ProcessPlan, 'kind' | 'python'> {
    const { runtimesFolder, hostEnvironment, folder } = this.#settings
    this.#started += 1
    // The folder is this server's alone, the time this start's.
    const mark = `${folder} ${processStart(process.pid)} ${this.#started}`
    return { runtimesFolder, hostEnvironment, folder: join(folder, name), mark }
  }
}
