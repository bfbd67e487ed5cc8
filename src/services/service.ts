/**
 * How a service is made: `service.ts` of each folder is its table of contents. What is registered twice, or is no
 * operation of AWS, stops the server at start.
 */
import type { Context } from '../delivery/context.ts'
import type { Target } from '../delivery/delivery.ts'
import type { Worker } from '../delivery/due.ts'
import type { Handler, Platform, ServiceParts } from '../delivery/platform.ts'
import type { Provision } from '../delivery/singleton.ts'
import type { OperationTypes, ServiceName } from '../wire/generated/operations.ts'
import type { ResourceType } from './resource.ts'
import type { Route } from './route.ts'

/** An input as a handler sees it: decoded and checked, so a required member is there. */
// biome-ignore lint/complexity/noBannedTypes: `{} extends Pick<…>` asks whether a member is optional
type Checked<I> = { [K in keyof I]: {} extends Pick<I, K> ? I[K] : Exclude<I[K], undefined> }

type InputOf<O> = O extends { input: infer I } ? Checked<I> : never
type OutputOf<O> = O extends { output: infer Out } ? Omit<Out, '$metadata'> : never

export type Operations<S extends ServiceName> = {
  [O in keyof OperationTypes[S]]?: (
    input: InputOf<OperationTypes[S][O]>,
    ctx: Context,
  ) => Promise<OutputOf<OperationTypes[S][O]>>
}

export interface OperationSet {
  readonly service: ServiceName
  readonly handlers: ReadonlyMap<string, Handler>
}

/** A noun's operations. The compiler checks each against the SDK's own types. */
export function operations<S extends ServiceName>(service: S, handlers: Operations<S>): OperationSet {
  return { service, handlers: new Map(Object.entries(handlers) as [string, Handler][]) }
}

export interface ServiceSettings {
  operations: readonly OperationSet[]
  targets?: readonly Target[]
  /** CloudFormation's resource types of this service. */
  resources?: readonly ResourceType[]
  // biome-ignore lint/suspicious/noExplicitAny: workers of any item
  workers?: readonly Worker<any>[]
  /** Implementations of interfaces that lower floors declare: `provide(eventSink, …)`. */
  provides?: readonly Provision[]
  /** HTTP paths that are no AWS operation: a presigned upload of code, a confirmation link. */
  routes?: readonly Route[]
  /** Called when the server starts, after all services are registered. */
  start?: (platform: Platform) => void | Promise<void>
}

export interface Service extends ServiceParts {
  readonly resources: readonly ResourceType[]
  readonly routes: readonly Route[]
}

export function defineService(name: ServiceName, settings: ServiceSettings): Service {
  const handlers = new Map<string, Handler>()
  for (const set of settings.operations) {
    if (set.service !== name) throw new Error(`operations of ${set.service} are registered by ${name}`)
    for (const [operation, handler] of set.handlers) {
      if (handlers.has(operation)) throw new Error(`${name} has two operations called ${operation}`)
      handlers.set(operation, handler)
    }
  }
  return {
    name,
    operations: handlers,
    targets: settings.targets ?? [],
    workers: (settings.workers ?? []) as unknown as readonly Worker<never>[],
    provides: settings.provides ?? [],
    resources: settings.resources ?? [],
    routes: settings.routes ?? [],
    ...(settings.start && { start: settings.start }),
  }
}
