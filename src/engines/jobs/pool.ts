/**
 * Interpreters for runs: some are kept ready with their imports done and their own Sail server up, so that a run begins
 * at once. Each serves one run and is gone; another takes its place. A run that finds no spare waits for one to start.
 */
import { rmSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { type JobKind, JobProcess } from './jobProcess.ts'

export interface PoolSettings {
  /** Resolves once the Python environment is there. */
  python: () => Promise<string>
  runtimeFolder: string
  /** Where spares are started. */
  folder: string
  hostEnvironment: Readonly<Record<string, string>>
  /** How many spares are kept once jobs are known. */
  spares: number
  /** Told when a spare cannot be started; the next run tells its owner. */
  onFailure: (error: unknown) => void
}

/** What a waiting interpreter takes, measured, with some room. */
const spareBytes = 300 * 2 ** 20

export class JobPool {
  readonly #settings: PoolSettings
  readonly #spares = new Set<JobProcess>()
  #starting = 0
  #warm = false
  #closed = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
  }

  /** There are jobs: spares are worth their memory from now on. */
  warmUp(): void {
    this.#warm = true
    void this.#refill()
  }

  /** An interpreter that is ready for a run. One with packages of its own imports those from its start. */
  async take(kind: JobKind, modulesFolder?: string): Promise<JobProcess> {
    if (kind === 'shell') return this.#start('shell', modulesFolder)
    if (modulesFolder) {
      const own = await this.#start('spark', modulesFolder)
      await own.ready
      return own
    }
    const [spare] = this.#spares
    if (spare) this.#spares.delete(spare)
    const taken = spare ?? this.#start('spark')
    this.#warm = true
    const process = await taken
    try {
      await process.ready
      return process
    } finally {
      // The next one starts after the run had its first moments to itself.
      void process.ended.then(() => this.#refill())
    }
  }

  /** For tests and benches: resolves when the spares are ready. */
  async settled(): Promise<void> {
    await this.#refill()
    await Promise.all([...this.#spares].map((spare) => spare.ready))
  }

  async close(): Promise<void> {
    this.#closed = true
    const spares = [...this.#spares]
    for (const spare of spares) spare.kill()
    await Promise.all(spares.map((spare) => spare.ended))
    rmSync(this.#settings.folder, { recursive: true, force: true })
  }

  async #refill(): Promise<void> {
    while (this.#warm && !this.#closed && this.#spares.size + this.#starting < this.#settings.spares) {
      if (this.#spares.size > 0 && freemem() < spareBytes * 2) return
      this.#starting += 1
      try {
        const spare = await this.#start('spark')
        if (this.#closed) spare.kill()
        else this.#keep(spare)
        await spare.ready
      } catch (error) {
        if (!this.#closed) this.#settings.onFailure(error)
        return
      } finally {
        this.#starting -= 1
      }
    }
  }

  #keep(spare: JobProcess): void {
    this.#spares.add(spare)
    void spare.ended.then(() => this.#spares.delete(spare))
  }

  async #start(kind: JobKind, modulesFolder?: string): Promise<JobProcess> {
    const { python, runtimeFolder, folder, hostEnvironment } = this.#settings
    return new JobProcess({
      kind,
      python: await python(),
      runtimeFolder,
      folder: join(folder, kind),
      hostEnvironment,
      ...(modulesFolder && { modulesFolder }),
    })
  }
}
