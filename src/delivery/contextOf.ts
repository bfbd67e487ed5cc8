/** Builds contexts: the ten things a handler may use, for one request. */
import type { Scope } from '../store/collection.ts'
import type { ServiceName } from '../wire/generated/operations.ts'
import type { Calls, Context } from './context.ts'
import type { Platform } from './platform.ts'
import { ServiceTx } from './transaction.ts'

export type ContextSeed = Scope & Pick<Context, 'requestId' | 'trace' | 'caller'>

export function createContext(platform: Platform, seed: ContextSeed): Context {
  // Spelled out, not spread: this is made for every request.
  const ctx: Context = {
    account: seed.account,
    region: seed.region,
    requestId: seed.requestId,
    trace: seed.trace,
    caller: seed.caller,
    clock: platform.clock,
    random: platform.random,
    options: platform.options,
    in: (collection) => platform.store.in(collection, seed),
    commit: (decide) =>
      platform.store.commit((transaction) => decide(new ServiceTx(platform, transaction, seed))) as never,
    call: (service) => callsOf(platform, service, ctx),
    use: (key) => platform.use(key),
    at: (place) => createContext(platform, { ...seed, ...place }),
  }
  return ctx
}

/** `ctx.call('glue').GetTable({…})` without a request: the operation's own code, as the same caller. */
function callsOf<S extends ServiceName>(platform: Platform, service: S, ctx: Context): Calls<S> {
  return new Proxy({} as Calls<S>, {
    get: (_, operation) => (input: unknown) => platform.perform(service, String(operation), input, ctx),
  })
}
