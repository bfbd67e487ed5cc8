/** Builds contexts: the ten things a handler may use, for one request. */
import type { Clock, Random } from '../clock.ts'
import type { TraceRef } from '../observe/traces.ts'
import type { Options } from '../options.ts'
import type { Collection, Records, Scope } from '../store/collection.ts'
import type { ServiceName } from '../wire/generated/operations.ts'
import type { Caller, Calls, Context, Tx } from './context.ts'
import type { Platform } from './platform.ts'
import type { Singleton } from './singleton.ts'
import { traceLedger } from './traceLedger.ts'
import { ServiceTx } from './transaction.ts'

export type ContextSeed = Scope & Pick<Context, 'requestId' | 'caller'> & { trace?: TraceRef | undefined }

export function createContext(platform: Platform, seed: ContextSeed): Context {
  return new RequestContext(platform, seed)
}

/** A class, not a literal: this is made for every request. Its methods are handed on alone here and there, so each is bound. */
class RequestContext implements Context {
  readonly account: string
  readonly region: string
  readonly requestId: string
  readonly caller: Caller
  readonly clock: Clock
  readonly random: Random
  readonly options: Options
  readonly #platform: Platform
  #trace: TraceRef | undefined

  constructor(platform: Platform, { account, region, requestId, caller, trace }: ContextSeed) {
    this.account = account
    this.region = region
    this.requestId = requestId
    this.caller = caller
    this.clock = platform.clock
    this.random = platform.random
    this.options = platform.options
    this.#platform = platform
    this.#trace = trace
  }

  /** What came without a trace begins one where something is told of it: most requests tell of nothing. */
  get trace(): TraceRef {
    this.#trace ??= { traceId: this.#platform.use(traceLedger).newTrace() }
    return this.#trace
  }

  in = <R>(collection: Collection<R>): Records<R> => this.#platform.store.in(collection, this)

  commit = ((decide: (tx: Tx) => unknown) =>
    this.#platform.store.commit((transaction) =>
      decide(new ServiceTx(this.#platform, transaction, this)),
    )) as Context['commit']

  call = <S extends ServiceName>(service: S): Calls<S> => callsOf(this.#platform, service, this)

  use = <T>(key: Singleton<T>): T => this.#platform.use(key)

  at = (place: Partial<Scope> & { trace?: TraceRef }): Context => {
    const { account = this.account, region = this.region, trace = this.trace } = place
    const { requestId, caller } = this
    return new RequestContext(this.#platform, { account, region, requestId, caller, trace })
  }
}

/** `ctx.call('glue').GetTable({…})` without a request: the operation's own code, as the same caller. */
function callsOf<S extends ServiceName>(platform: Platform, service: S, ctx: Context): Calls<S> {
  return new Proxy({} as Calls<S>, {
    get: (_, operation) => (input: unknown) => platform.perform(service, String(operation), input, ctx),
  })
}
