/**
 * One server's inside: the store, the clock, what the services registered, and the things that exist once a server.
 * It opens no port. `app.ts` builds it, the gateway and the workers use it.
 */
import type { Clock, Random } from '../clock.ts'
import type { ServerLog } from '../observe/log.ts'
import type { Options } from '../options.ts'
import type { Scope } from '../store/collection.ts'
import type { Store } from '../store/store.ts'
import { AwsError, NotImplemented } from '../wire/errors.ts'
import type { ServiceName } from '../wire/generated/operations.ts'
import { parseArn } from './arn.ts'
import type { Caller, Context } from './context.ts'
import { type ContextSeed, createContext } from './contextOf.ts'
import { deliveryWorker } from './deliveries.ts'
import type { Target } from './delivery.ts'
import type { Worker } from './due.ts'
import { Runner } from './runner.ts'
import type { Provision, Singleton } from './singleton.ts'

/** An operation's code, as the gateway and `ctx.call` run it. */
export type Handler = (input: never, ctx: Context) => Promise<object>

/** What a service registers; `defineService` makes it. */
export interface ServiceParts {
  name: ServiceName
  operations: ReadonlyMap<string, Handler>
  targets: readonly Target[]
  workers: readonly Worker<never>[]
  provides: readonly Provision[]
  /** Called when the server starts, after all services are registered. */
  start?: (platform: Platform) => void | Promise<void>
}

/** What a singleton may have: the platform calls it. */
export interface Lifecycle {
  /** Work that no due row tells of is under way: buffered log lines, a function that runs. */
  readonly isBusy?: boolean
  /** Ends what workers wait for (a function, a job), so that they can stop; their rows stay due. */
  interrupt?(): void
  /** Lets go at once of what a killed process would not have any more. For simulations. */
  abandon?(): void
  reset?(): void | Promise<void>
  close?(): void | Promise<void>
}

export interface PlatformParts {
  options: Options
  store: Store
  /** The folder of this server's data, beside the store: blobs, caches of code. */
  dataFolder: string
  clock: Clock
  random: Random
  log: ServerLog
  /** For simulations: what stands in a target's place, and fails at will. */
  inPlaceOf?: ((target: Target) => Target) | undefined
}

const knownArnsMax = 10_000

export class Platform {
  readonly options: Options
  readonly store: Store
  readonly dataFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: ServerLog
  readonly runner: Runner
  readonly services = new Map<ServiceName, ServiceParts>()
  /** Where the server answers, known once its port is open: `http://127.0.0.1:4566`. */
  endpoint = ''
  /** This start of the server. */
  readonly sessionId: string
  readonly #targets = new Map<string, Target[]>()
  /** Those that were asked for: each event asks for the same few. */
  readonly #targetsByArn = new Map<string, Target>()
  readonly #inPlaceOf: (target: Target) => Target
  readonly #provisions = new Map<string, (platform: Platform) => unknown>()
  readonly #singletons = new Map<string, unknown>()

  constructor(parts: PlatformParts) {
    this.options = parts.options
    this.store = parts.store
    this.dataFolder = parts.dataFolder
    this.clock = parts.clock
    this.random = parts.random
    this.log = parts.log
    this.#inPlaceOf = parts.inPlaceOf ?? ((target) => target)
    this.sessionId = parts.random.uuid()
    this.runner = new Runner(this)
    this.runner.register(deliveryWorker as never)
  }

  /** Two services of one name, or two that provide one thing, stop the server at start. */
  register(service: ServiceParts): void {
    if (this.services.has(service.name)) throw new Error(`two services are called ${service.name}`)
    this.services.set(service.name, service)
    for (const target of service.targets) {
      this.#targets.set(target.service, [...(this.#targets.get(target.service) ?? []), this.#inPlaceOf(target)])
    }
    for (const worker of service.workers) this.runner.register(worker)
    for (const provision of service.provides) this.provide(provision)
  }

  provide({ singleton, create }: Provision): void {
    if (this.#provisions.has(singleton.name)) throw new Error(`two services provide the ${singleton.name}`)
    this.#provisions.set(singleton.name, create)
  }

  /** Starts what the services start, then the workers: what was due before a stop runs now. */
  async start(): Promise<void> {
    for (const service of this.services.values()) await service.start?.(this)
    this.runner.start()
  }

  use<T>(key: Singleton<T>): T {
    if (!this.#singletons.has(key.name)) {
      const create = this.#provisions.get(key.name) ?? key.create
      if (!create) throw new Error(`no service of this server provides the ${key.name}`)
      this.#singletons.set(key.name, create(this))
    }
    return this.#singletons.get(key.name) as T
  }

  /** Whether a service provides it, or it was made already. */
  has(key: Singleton<unknown>): boolean {
    return this.#singletons.has(key.name) || this.#provisions.has(key.name) || key.create !== undefined
  }

  targetOf(arn: string): Target | undefined {
    const known = this.#targetsByArn.get(arn)
    if (known) return known
    const parts = parseArn(arn)
    if (!parts) return undefined
    const found = this.#targets.get(parts.service)?.find((target) => target.handles?.(parts.resource) ?? true)
    if (this.#targetsByArn.size >= knownArnsMax) this.#targetsByArn.clear()
    if (found) this.#targetsByArn.set(arn, found)
    return found
  }

  /** A context for a request, or for work that no request asked for. */
  context(seed: Scope & Partial<Omit<ContextSeed, keyof Scope>>): Context {
    const { account, region } = seed
    return createContext(this, {
      account,
      region,
      requestId: seed.requestId ?? this.random.uuid(),
      trace: seed.trace,
      caller: seed.caller ?? this.#callerOf(account),
    })
  }

  #callerOf(account: string): Caller {
    return { arn: `arn:aws:iam::${account}:root`, endpoint: this.endpoint }
  }

  /** Runs a public operation. Errors: the operation's own, NotImplemented where there is none. */
  perform(service: ServiceName, operation: string, input: unknown, ctx: Context): Promise<object> {
    const handler = this.services.get(service)?.operations.get(operation)
    if (!handler) return Promise.reject(NotImplemented(`${service}:${operation}`))
    return handler(input as never, ctx)
  }

  /** Whether an engine works on something that no due row tells of. */
  get isBusy(): boolean {
    for (const thing of this.#singletons.values()) if ((thing as Lifecycle | undefined)?.isBusy) return true
    return false
  }

  /** After the store was cleared: what the singletons hold of it goes too. */
  async resetSingletons(): Promise<void> {
    for (const thing of this.#singletons.values()) await (thing as Lifecycle | undefined)?.reset?.()
  }

  /** Before the workers are stopped: they must not wait for what runs for minutes. */
  interruptSingletons(): void {
    for (const thing of this.#singletons.values()) (thing as Lifecycle | undefined)?.interrupt?.()
  }

  /** Ends as a kill does: what a dead process would let go of, its sockets, goes, and nothing is waited for. */
  abandon(): void {
    this.runner.abandon()
    for (const thing of this.#singletons.values()) (thing as Lifecycle | undefined)?.abandon?.()
  }

  async close(): Promise<void> {
    this.interruptSingletons()
    await this.runner.stop()
    const made = [...this.#singletons.values()].reverse()
    for (const thing of made) await (thing as Lifecycle | undefined)?.close?.()
    await this.store.close()
  }
}

/** Whether an error is an answer that AWS would give, not a bug of ours. */
export function isAwsError(error: unknown): error is AwsError {
  return error instanceof AwsError
}
