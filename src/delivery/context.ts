/**
 * What a handler or a worker is given: whose request it is, the clock, the store, and the three ways to other services
 * (`tx.emit`, `tx.deliver`, `ctx.call`).
 */
import type { Clock, Millis, Random } from '../clock.ts'
import type { Hop, TraceRef } from '../observe/traces.ts'
import type { Options } from '../options.ts'
import type { Collection, Records, Scope, WritableRecords } from '../store/collection.ts'
import type { NewEntry } from '../store/segmentEntries.ts'
import type { Append, Placement } from '../store/segments.ts'
import type { OperationTypes } from '../wire/generated/operations.ts'
import type { Consignment, NewDelivery } from './delivery.ts'
import type { Due, DueQueue, DueRows } from './due.ts'
import type { NewEvent } from './events.ts'
import type { Singleton } from './singleton.ts'

/** Who asks. */
export interface Caller {
  /** `arn:aws:iam::000000000000:root`, or an assumed role's session. */
  arn: string
  accessKeyId?: string
  /** The address it came from; absent for calls between services. */
  sourceIp?: string
  /** How the endpoint was addressed: `http://127.0.0.1:4566`. */
  endpoint: string
}

export interface Context extends Scope {
  readonly requestId: string
  readonly caller: Caller
  readonly trace: TraceRef
  readonly clock: Clock
  readonly random: Random
  readonly options: Options
  /** What is on disk. */
  in<R>(collection: Collection<R>): Records<R>
  /**
   * Runs `decide` at once and answers when everything it wrote is on disk. Synchronous: an async callback does not
   * compile. A throw inside undoes all of it.
   */
  commit<T>(decide: (tx: Tx) => T extends Promise<unknown> ? never : T): Promise<T>
  /** Another service's public operations, in process; inputs and outputs as the SDK types them. */
  call<S extends keyof OperationTypes>(service: S): Calls<S>
  /** One thing a server: an engine, a cache. */
  use<T>(key: Singleton<T>): T
  /** The same elsewhere: another account, region or trace. */
  at(place: Partial<Scope> & { trace?: TraceRef }): Context
}

export type Calls<S extends keyof OperationTypes> = {
  [O in keyof OperationTypes[S]]: OperationTypes[S][O] extends { input: infer I; output: infer Out }
    ? (input: I) => Promise<Omit<Out, '$metadata'>>
    : never
}

export type AppendedEntry = Pick<NewEntry, 'at' | 'body'> & Pick<Append, 'brief'>

/** One commit in the making. */
export interface Tx extends Scope {
  readonly now: Millis
  readonly trace: TraceRef
  readonly random: Random
  in<R>(collection: Collection<R>): WritableRecords<R>
  /** Rows of work for later. */
  due<T extends Due>(queue: DueQueue<T>): DueRows<T>
  /**
   * Appends to a log (store/segments.ts), in this commit; `at` is the entry's own time, `brief` is for logs of small entries
   * that come often. `placed` is called once it is known where the entry will lie, and may write records that say so.
   */
  append(log: string, entry: AppendedEntry, placed?: (place: Placement) => void): void
  /** Says what happened, on the account's event bus. */
  emit(event: NewEvent): void
  /** Sends something on, durably, with retries and a dead letter as its policy says. */
  deliver(delivery: NewDelivery): void
  /** The same, of several at once: what they have in common is asked and counted once. */
  deliverAll(consignment: Consignment): void
  /** Begins (or tells of a finished) hop of the trace; what is caused under the answer hangs below it. */
  hop(hop: NewHop): TraceRef
  /** Adds to a hop that was begun: its end, its rows, its cost. */
  endHop(ref: TraceRef, end: Partial<Omit<Hop, 'traceId' | 'id'>>): void
  /** Adds to a hop that goes on: how far it is. */
  tellHop(ref: TraceRef, more: Partial<Omit<Hop, 'traceId' | 'id' | 'endedAt'>>): void
  /** Runs `part`; if it throws, what it wrote is undone and the error goes on. */
  savepoint<T>(part: () => T): T
  /** Called when the commit stands (later commits see it), before it is on disk: for caches. */
  afterApply(call: () => void): void
  /** Called when it is on disk: to wake those who wait. */
  afterCommit(call: () => void): void
  use<T>(key: Singleton<T>): T
  at(place: Partial<Scope> & { trace?: TraceRef }): Tx
}

export type NewHop = Omit<Hop, 'traceId' | 'id' | 'parentId' | 'startedAt' | 'status'> & {
  startedAt?: Millis
  status?: Hop['status']
  /** Names to find the trace by: `s3://bucket/key`, a run id. */
  subjects?: readonly string[]
}
