/**
 * The instances of all functions: started when none is free or will be soon (patience.ts), kept warm when idle, bounded in
 * number and in memory. A request beyond the bound waits its turn; an idle instance of another function makes room for one
 * that is needed.
 */
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type Clock, type Random, stopwatch, type Wake } from '../../clock.ts'
import { Interrupted } from '../../delivery/due.ts'
import { killGroup } from '../processes.ts'
import type { FunctionSpec, LogLine } from './functionSpec.ts'
import { ProcessGuard } from './guard.ts'
import { Instance } from './instance.ts'
import { type Interpreter, Interpreters, type RuntimeName, runtimeNamed, UnsupportedRuntime } from './interpreters.ts'
import { forkInstance, launchInstance, layersObstacle } from './launch.ts'
import { samplingMilliseconds } from './memory.ts'
import { linkNodePackages, type NodePackages, usesNodePackages } from './nodePackages.ts'
import { Patience, startMillisMax, startsAtOnceMax } from './patience.ts'
import { Zygotes } from './zygotes.ts'

const megabyte = 1024 * 1024
const sweepMilliseconds = 10_000
/** AWS's limit of an initialization. */
export const initMillisecondsMax = 10_000

export interface InstancesOptions {
  clock: Clock
  random: Random
  /** For the instances' own temporary folders. */
  folder: string
  runtimesFolder: string
  nodePath: string
  /** The Python for this code; without any, the one that is quickest to have. */
  pythonPath: (codeFolder?: string) => Promise<string>
  nodePackages?: NodePackages
  strictRuntimes: boolean
  instancesMax: number
  idleInstancesMax: number
  idleMegabytesMax: number
  idleSecondsMax: number
}

type OnLog = (line: LogLine) => void

interface Waiter {
  spec: FunctionSpec
  onLog: OnLog
  resolve: (instance: Instance) => void
  reject: (error: unknown) => void
}

export class Instances {
  readonly #options: InstancesOptions
  readonly #interpreters: Interpreters
  readonly #guard = new ProcessGuard()
  readonly #zygotes: Zygotes
  readonly #all = new Set<Instance>()
  /** Oldest first; the newest is used first, so that what is not needed grows old. */
  #idle: Instance[] = []
  #waiting: Waiter[] = []
  #starting = 0
  readonly #patience = new Patience()
  /** Looks again at those who wait. */
  #later: Wake | undefined
  #sampler: Wake | undefined
  readonly #sweeper: Wake
  #layersObstacle: Promise<string | undefined> | undefined
  #closed = false
  /** What was on its way to start when one came does not run. */
  #interruptions = 0

  constructor(options: InstancesOptions) {
    this.#options = options
    const { nodePath: node, pythonPath: python, strictRuntimes: strict } = options
    this.#interpreters = new Interpreters({ node, python, strict })
    this.#zygotes = new Zygotes(options.folder)
    this.#sweeper = stopwatch.every(sweepMilliseconds, () => {
      this.#endLongIdle()
      this.#zygotes.endIdle()
    })
  }

  get count(): number {
    return this.#all.size
  }

  async acquire(spec: FunctionSpec, onLog: OnLog): Promise<Instance> {
    const at = this.#idle.findLastIndex((instance) => instance.spec.key === spec.key)
    if (at >= 0) return this.#idle.splice(at, 1)[0] as Instance
    return new Promise((resolve, reject) => {
      this.#waiting.push({ spec, onLog, resolve, reject })
      this.#serveWaiting()
    })
  }

  /** How long an invocation took, from being handed over to the answer. */
  ran(spec: FunctionSpec, milliseconds: number): void {
    this.#patience.ran(spec.key, milliseconds)
  }

  async launch(spec: FunctionSpec, onLog: OnLog): Promise<Instance> {
    this.#starting++
    const interruptions = this.#interruptions
    try {
      const runtime = runtimeNamed(spec.runtime)
      if (!runtime) throw new UnsupportedRuntime(`The runtime ${spec.runtime} is not supported.`)
      const interpreter = await this.#interpreters.find(runtime, spec.codeFolder)
      const problem = spec.layersFolder ? await this.#layersProblem(interpreter) : undefined
      if (problem) throw new UnsupportedRuntime(problem)
      const nodePackagesFolder = await this.#nodePackages(runtime, spec)
      const found = { runtime, interpreter, ...(nodePackagesFolder && { nodePackagesFolder }) }
      return await this.#start(spec, onLog, found, () => this.#closed || interruptions !== this.#interruptions)
    } finally {
      this.#starting--
    }
  }

  retire(key: string): void {
    for (const instance of this.#all) if (instance.spec.key === key) this.#retireInstance(instance)
  }

  /** Why a function of this runtime cannot be run on this machine; undefined if it can. */
  async obstacle(runtimeName: string, withLayers: boolean): Promise<string | undefined> {
    const runtime = runtimeNamed(runtimeName)
    if (!runtime) return `The runtime ${runtimeName} is not supported: functions run on Node.js and Python.`
    try {
      const interpreter = await this.#interpreters.find(runtime)
      return withLayers ? await this.#layersProblem(interpreter) : undefined
    } catch (error) {
      if (error instanceof UnsupportedRuntime) return error.message
      throw error
    }
  }

  /** Memory is looked at while anything runs, and not when nothing does. */
  watchMemory(): void {
    this.#sampler ??= stopwatch.every(samplingMilliseconds(), () => {
      const running = [...this.#all].filter(({ state }) => state === 'busy' || state === 'starting')
      for (const instance of running) instance.checkMemory()
      if (running.length > 0) return
      this.#sampler?.cancel()
      this.#sampler = undefined
    })
  }

  /** Ends everything that runs; what comes after starts anew. */
  interrupt(): void {
    this.#interruptions++
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new Interrupted())
    for (const instance of this.#all) {
      instance.interrupted = true
      instance.end()
    }
    this.#idle = []
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#sampler?.cancel()
    this.#sweeper.cancel()
    this.interrupt()
    this.#later?.cancel()
    await this.#zygotes.close()
    this.#guard.close()
    await rm(this.#options.folder, { recursive: true, force: true })
  }

  #mayStart(): boolean {
    const since = stopwatch.now() - startMillisMax
    let starting = this.#starting
    for (const { state, startedAt } of this.#all) if (state === 'starting' && startedAt > since) starting++
    return starting < startsAtOnceMax && this.#hasRoom()
  }

  #hasRoom(): boolean {
    if (this.#all.size + this.#starting < this.#options.instancesMax) return true
    const oldest = this.#idle[0]
    if (oldest) this.#retireInstance(oldest)
    return oldest !== undefined
  }

  async #start(
    spec: FunctionSpec,
    onLog: OnLog,
    found: { runtime: RuntimeName; interpreter: Interpreter; nodePackagesFolder?: string },
    isInterrupted: () => boolean,
  ): Promise<Instance> {
    if (isInterrupted()) throw new Interrupted()
    const startedAt = stopwatch.now()
    const { clock, random, folder, runtimesFolder } = this.#options
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/')
    const logStream = `${day}/[${spec.version}]${random.hex(32)}`
    const temporaryFolder = path.join(folder, random.hex(12))
    const plan = { spec, ...found, logStream, runtimesFolder, temporaryFolder }
    mkdirSync(temporaryFolder, { recursive: true })
    const forked = await forkInstance(plan, this.#zygotes)
    if (isInterrupted()) {
      if (forked) killGroup(forked.pid)
      throw new Interrupted()
    }
    const process = forked ?? launchInstance(plan)
    const { pid } = process
    if (pid !== undefined) this.#guard.watch(pid)
    const instance = new Instance(process, {
      ...{ spec, logStream, startedAt, onLog },
      events: {
        idle: (idle) => this.#becameIdle(idle),
        gone: (ended) => {
          if (pid !== undefined) this.#guard.release(pid)
          this.#gone(ended, temporaryFolder)
        },
      },
    })
    this.#all.add(instance)
    void instance.initialized.then((failure) => {
      if (!failure) this.#patience.started(spec.key, instance.initMilliseconds)
      if (!this.#closed) this.#serveWaiting()
    })
    const { interpreter, runtime } = found
    const note = interpreter.exact ? '' : ` (the nearest on this machine to ${spec.runtime})`
    onLog({
      stream: logStream,
      message: `INIT_START Runtime Version: ${runtime.language}:${interpreter.version}${note}`,
    })
    return instance
  }

  #becameIdle(instance: Instance): void {
    if (instance.retired || this.#closed) {
      instance.end()
      return
    }
    const same = this.#waiting.findIndex((waiter) => waiter.spec.key === instance.spec.key)
    if (same >= 0) {
      this.#waiting.splice(same, 1)[0]?.resolve(instance)
      if (!this.#waiting.some(({ spec }) => spec.key === instance.spec.key))
        this.#patience.nobodyWaits(instance.spec.key)
      return
    }
    instance.idleSince = stopwatch.now()
    this.#idle.push(instance)
    this.#serveWaiting()
    this.#endSurplus()
  }

  #endSurplus(): void {
    const { idleInstancesMax, idleMegabytesMax } = this.#options
    let idleBytes = this.#idle.reduce((sum, idle) => sum + idle.residentBytes, 0)
    while (this.#idle.length > idleInstancesMax || (this.#idle.length > 1 && idleBytes > idleMegabytesMax * megabyte)) {
      const oldest = this.#idle[0] as Instance
      idleBytes -= oldest.residentBytes
      this.#retireInstance(oldest)
    }
  }

  #endLongIdle(): void {
    const since = stopwatch.now() - this.#options.idleSecondsMax * 1000
    for (const instance of this.#idle.filter((idle) => idle.idleSince < since)) this.#retireInstance(instance)
  }

  /** Who has no warm instance to wait for gets one of its own; the others get one more among them when that is worth it. */
  #serveWaiting(): void {
    let wait = startMillisMax
    for (const waiter of [...this.#waiting]) {
      const { spec, onLog } = waiter
      const warm = this.#warm(spec.key)
      const left = warm > 0 ? this.#patience.left(spec.key, warm) : undefined
      if (left) wait = Math.min(wait, left)
      if (left || !this.#mayStart()) continue
      if (left === 0 && this.#patience.isQuick(spec.key)) {
        this.#startSpare(spec, onLog)
        continue
      }
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      this.launch(spec, onLog).then(waiter.resolve, waiter.reject)
    }
    this.#later?.cancel()
    this.#later = this.#waiting.length > 0 ? stopwatch.after(Math.ceil(wait), () => this.#serveWaiting()) : undefined
  }

  #warm(key: string): number {
    let warm = 0
    for (const { spec, retired } of this.#all) if (spec.key === key && !retired) warm++
    return warm
  }

  /** For whoever waits when it is ready. If it fails, nobody waited for it alone: the next start will tell why. */
  #startSpare(spec: FunctionSpec, onLog: OnLog): void {
    this.#patience.startBegan(spec.key)
    const ready = async () => {
      const instance = await this.launch(spec, onLog)
      const limit = stopwatch.after(initMillisecondsMax, () => instance.endWith({ kind: 'timeout' }))
      const failure = await instance.initialized
      limit.cancel()
      if (failure || instance.interrupted) instance.end()
      else this.#becameIdle(instance)
    }
    ready().catch(() => undefined)
  }

  #retireInstance(instance: Instance): void {
    instance.retired = true
    const idle = this.#idle.includes(instance)
    if (!idle) return
    this.#idle = this.#idle.filter((other) => other !== instance)
    instance.end()
  }

  #gone(instance: Instance, temporaryFolder: string): void {
    this.#all.delete(instance)
    this.#idle = this.#idle.filter((idle) => idle !== instance)
    void rm(temporaryFolder, { recursive: true, force: true }).catch(() => {})
    if (!this.#closed) this.#serveWaiting()
  }

  #layersProblem(interpreter: Interpreter): Promise<string | undefined> {
    this.#layersObstacle ??= layersObstacle(interpreter.path)
    return this.#layersObstacle
  }

  async #nodePackages(runtime: RuntimeName, spec: FunctionSpec): Promise<string | undefined> {
    const packages = this.#options.nodePackages
    if (!packages || runtime.language !== 'nodejs') return undefined
    const needed = await usesNodePackages(spec.codeFolder)
    const modules = needed ? await packages.folder() : packages.installedFolder()
    if (needed && modules) await linkNodePackages(path.dirname(spec.codeFolder), modules)
    return modules
  }
}
