/** The runs and interactive sessions of this server: the pool of interpreters, and those that are in use now. */
import { join } from 'node:path'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { packageFolder } from '../../engines/functions/packageFolder.ts'
import type { RunHost } from '../../engines/jobs/host.ts'
import { InteractiveSession, type SessionListener, type SessionPlan } from '../../engines/jobs/interactiveSession.ts'
import { JobPool } from '../../engines/jobs/pool.ts'
import { Run, type RunListener, type RunPlan } from '../../engines/jobs/run.ts'
import { findSpark, type SparkInstallation } from '../../engines/jobs/sparkInstallation.ts'
import { pythonEnvironment } from '../../engines/python/environment.ts'
import { installModules } from '../../engines/python/modules.ts'

export const jobEngine = singleton('job engine', (platform) => new JobEngine(platform))

export class JobEngine {
  readonly #pool: JobPool
  readonly #runs = new Map<string, Run>()
  readonly #sessions = new Map<string, InteractiveSession>()
  readonly runsFolder: string
  /** Where Connect servers of Apache Spark work. */
  readonly serversFolder: string
  /** The server ends: runs were killed by it, not by their owners. */
  interrupted = false

  /** Packages that a job brings along, installed and kept. Errors: ModulesError. */
  readonly install: (modules: string[], options: string[]) => Promise<string>

  constructor(platform: Platform) {
    this.runsFolder = join(platform.dataFolder, 'jobs', 'runs')
    this.serversFolder = join(platform.dataFolder, 'jobs', 'spares', 'server')
    const { hostEnvironment } = platform.options
    this.install = async (modules, options) => {
      const { python } = await platform.use(pythonEnvironment).ready()
      const home = join(platform.options.cache, 'python', 'modules')
      return installModules({ python, home, modules, options, hostEnvironment })
    }
    this.#pool = new JobPool({
      python: async () => (await platform.use(pythonEnvironment).ready()).python,
      spark: () => mustFindSpark(platform.options.cache),
      runtimesFolder: join(packageFolder(), 'runtimes'),
      folder: join(platform.dataFolder, 'jobs', 'spares'),
      hostEnvironment,
      spares: platform.options.jobSpares,
      serverIdleSeconds: platform.options.sparkIdleSeconds,
      onFailure: (error) => platform.log.warn(`No interpreter for jobs could be started: ${(error as Error).message}`),
    })
  }

  /** There are jobs: an interpreter is made ready for the first run. */
  warmUp(): void {
    this.#pool.warmUp()
  }

  /** Resolves when the spares are ready: for benches. */
  settled(): Promise<void> {
    return this.#pool.settled()
  }

  start(id: string, plan: RunPlan, host: RunHost, listener: RunListener): Run {
    const run = new Run(this.#pool, plan, host, listener)
    this.#runs.set(id, run)
    void run.end.then(() => this.#runs.delete(id))
    return run
  }

  stop(id: string): void {
    this.#runs.get(id)?.stop()
  }

  openSession(id: string, plan: SessionPlan, host: RunHost, listener: SessionListener): InteractiveSession {
    const opened = new InteractiveSession(this.#pool, plan, host, listener)
    this.#sessions.set(id, opened)
    void opened.end.then(() => {
      // After a reset another may have its name.
      if (this.#sessions.get(id) === opened) this.#sessions.delete(id)
    })
    return opened
  }

  session(id: string): InteractiveSession | undefined {
    return this.#sessions.get(id)
  }

  /** Resolves when nothing of it is left. */
  async closeSession(id: string): Promise<void> {
    const session = this.#sessions.get(id)
    session?.close()
    await session?.end
  }

  interrupt(): void {
    this.interrupted = true
    this.#stopAll()
  }

  /** After a reset the server goes on. */
  reset(): void {
    this.#stopAll()
    this.interrupted = false
  }

  #stopAll(): void {
    for (const run of this.#runs.values()) run.stop()
    for (const session of this.#sessions.values()) session.close()
  }

  async close(): Promise<void> {
    this.interrupt()
    await this.#pool.close()
  }
}

function mustFindSpark(cache: string): SparkInstallation {
  const installed = findSpark(cache)
  if (!installed) throw new Error('Apache Spark is not installed: run `igarape install spark`.')
  return installed
}
