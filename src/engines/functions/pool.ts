/** Runs functions: one invocation at a time in an instance, measured, limited and reported as AWS does it. */
import { stopwatch } from '../../clock.ts'
import { Interrupted } from '../../delivery/due.ts'
import type { FunctionSpec, InvocationOptions, InvocationResult } from './functionSpec.ts'
import type { Instance } from './instance.ts'
import { Instances, type InstancesOptions, initMillisecondsMax } from './instances.ts'
import { endLine, initReportLine, type Outcome, reportLine, startLine, verdictOf } from './outcome.ts'

const megabyte = 1024 * 1024

export class FunctionPool {
  readonly #options: InstancesOptions
  readonly #instances: Instances
  #running = 0

  constructor(options: InstancesOptions) {
    this.#options = options
    this.#instances = new Instances(options)
  }

  get instancesCount(): number {
    return this.#instances.count
  }

  /** Errors: UnsupportedRuntime, Interrupted; whatever the function itself does is a result. */
  async invoke(spec: FunctionSpec, payload: Uint8Array, options: InvocationOptions): Promise<InvocationResult> {
    this.#running++
    try {
      return await this.#invoke(spec, payload, options)
    } finally {
      this.#running--
    }
  }

  async #invoke(spec: FunctionSpec, payload: Uint8Array, options: InvocationOptions): Promise<InvocationResult> {
    const { instance, initMilliseconds } = await this.#initialized(spec, options)
    this.#instances.watchMemory()
    instance.onLog = options.onLog
    log(instance, options, startLine(options.requestId, spec.version))
    const begunAt = stopwatch.now()
    const timeoutMilliseconds = spec.timeoutSeconds * 1000
    const { requestId, functionArn, traceId, clientContext } = options
    const deadlineAt = stopwatch.wall() + timeoutMilliseconds
    const invocation = { requestId, functionArn, traceId, clientContext, deadlineAt, payload }
    const outcome = await instance.run(invocation, timeoutMilliseconds, options.onStart)
    if (instance.interrupted) throw new Interrupted()
    const elapsed = outcome.kind === 'timeout' ? timeoutMilliseconds : instance.answeredAt - begunAt
    this.#instances.ran(spec, elapsed)
    return this.#conclude(instance, outcome, options, { elapsed, initMilliseconds })
  }

  get isBusy(): boolean {
    return this.#running > 0
  }

  interrupt(): void {
    this.#instances.interrupt()
  }

  /** Instances of this key end: at once when idle, else after their invocation. */
  retire(key: string): void {
    this.#instances.retire(key)
  }

  /** Why a function of this runtime cannot be run on this machine; undefined if it can. */
  obstacle(runtimeName: string, withLayers: boolean): Promise<string | undefined> {
    return this.#instances.obstacle(runtimeName, withLayers)
  }

  close(): Promise<void> {
    return this.#instances.close()
  }

  async #initialized(
    spec: FunctionSpec,
    options: InvocationOptions,
  ): Promise<{ instance: Instance; initMilliseconds?: number }> {
    const instance = await this.#instances.acquire(spec, options.onLog)
    if (instance.state !== 'starting') return { instance }
    this.#instances.watchMemory()
    const limit = stopwatch.after(initMillisecondsMax, () => instance.endWith({ kind: 'timeout' }))
    const failure = await instance.initialized
    limit.cancel()
    if (instance.interrupted) throw new Interrupted()
    if (!failure) return { instance, initMilliseconds: instance.initMilliseconds }
    // Lambda initializes once more, now within the invocation and its timeout.
    instance.end()
    log(instance, options, initReportLine(failure, instance.initMilliseconds))
    return { instance: await this.#instances.launch(spec, options.onLog) }
  }

  #conclude(
    instance: Instance,
    outcome: Outcome,
    options: InvocationOptions,
    measured: { elapsed: number; initMilliseconds: number | undefined },
  ): InvocationResult {
    const { spec } = instance
    const { requestId } = options
    const verdict = verdictOf(outcome, spec, requestId, () => new Date(this.#options.clock.now()).toISOString())
    const memoryMegabytesMax = Math.min(Math.ceil(instance.peakBytes / megabyte), spec.memoryMegabytes)
    const { elapsed, initMilliseconds } = measured
    // Initialization is billed too.
    const billedMilliseconds = Math.max(1, Math.ceil(elapsed + (initMilliseconds ?? 0)))
    for (const line of verdict.lines) log(instance, options, line)
    log(instance, options, endLine(requestId))
    const report = {
      requestId,
      durationMilliseconds: elapsed,
      billedMilliseconds,
      initMilliseconds,
      memoryMegabytesMax,
    }
    log(instance, options, reportLine({ ...report, memoryMegabytes: spec.memoryMegabytes, verdict }))
    return {
      payload: verdict.payload,
      functionError: verdict.errorType ? 'Unhandled' : undefined,
      errorType: verdict.errorType,
      durationMilliseconds: elapsed,
      billedMilliseconds,
      initMilliseconds,
      memoryMegabytesMax,
      logStream: instance.logStream,
    }
  }
}

function log(instance: Instance, options: InvocationOptions, message: string): void {
  options.onLog({ stream: instance.logStream, message })
}
