/** A commit as services see it: the store's transaction with events, deliveries, due work and hops in it. */
import type { Millis, Random } from '../clock.ts'
import type { Hop, StoredHop, TraceRef } from '../observe/traces.ts'
import type { Collection, Scope, WritableRecords } from '../store/collection.ts'
import type { Placement } from '../store/segments.ts'
import type { Transaction } from '../store/transaction.ts'
import type { AppendedEntry, NewHop, Tx } from './context.ts'
import { startDeliveries, startDelivery } from './deliveries.ts'
import type { Consignment, NewDelivery } from './delivery.ts'
import type { Due, DueQueue, DueRow, DueRows } from './due.ts'
import { eventSink, type NewEvent } from './events.ts'
import type { Platform } from './platform.ts'
import type { Singleton } from './singleton.ts'
import { type Happening, traceLedger } from './traceLedger.ts'

export class ServiceTx implements Tx {
  readonly account: string
  readonly region: string
  readonly now: Millis
  readonly random: Random
  readonly #platform: Platform
  readonly #transaction: Transaction
  readonly #place: { trace: TraceRef }

  /** `now` is one moment for the whole commit, wherever it reaches. */
  constructor(
    platform: Platform,
    transaction: Transaction,
    place: Scope & { trace: TraceRef },
    now = platform.clock.now(),
  ) {
    this.#platform = platform
    this.#transaction = transaction
    this.account = place.account
    this.region = place.region
    this.#place = place
    this.now = now
    this.random = platform.random
  }

  /** Asked for only where something is told: a request's context may have none before. */
  get trace(): TraceRef {
    return this.#place.trace
  }

  in<R>(collection: Collection<R>): WritableRecords<R> {
    return this.#transaction.in(collection, this)
  }

  due<T extends Due>(queue: DueQueue<T>): DueRows<T> {
    const scope = { account: this.account, region: this.region }
    const { runner } = this.#platform
    const rows = this.in(queue.rows)
    const order = this.in(queue.order)
    const unmark = ({ lane = '', item }: DueRow<T>) =>
      order.delete(lane, item.dueAt, scope.account, scope.region, item.id)
    return {
      get: (id) => rows.get(id)?.item,
      put: (item) => {
        const { dueAt, id } = item
        const before = rows.get(id)
        const lane = runner.laneOf(queue.name, item)
        if (before && (before.item.dueAt !== dueAt || before.lane !== lane)) unmark(before)
        rows.put({ scope, item, lane })
        order.put({ lane, dueAt, id, scope })
        this.afterCommit(() => runner.poke(queue.name, lane, dueAt))
      },
      delete: (id, mark) => {
        if (mark) order.delete(mark.lane, mark.dueAt, scope.account, scope.region, id)
        else {
          const before = rows.get(id)
          if (!before) return
          unmark(before)
        }
        rows.delete(id)
      },
    }
  }

  append(log: string, { at, body, brief }: AppendedEntry, placed?: (place: Placement) => void): void {
    const entry = { at, body, appendedAt: this.now }
    this.#transaction.gather(this.#platform.store.segments, { log, entry, brief, placed })
  }

  emit(event: NewEvent): void {
    const { bus = 'default', time = this.now, resources = [], ...rest } = event
    const envelope = {
      version: '0' as const,
      id: this.random.uuid(),
      'detail-type': rest['detail-type'],
      source: rest.source,
      account: this.account,
      time: `${new Date(time).toISOString().slice(0, 19)}Z`,
      region: this.region,
      resources,
      detail: rest.detail,
    }
    if (this.#platform.has(eventSink)) this.use(eventSink).put(this, envelope, { bus, trace: this.trace })
  }

  deliver(delivery: NewDelivery): void {
    startDelivery(this, this.#platform, delivery)
  }

  deliverAll(consignment: Consignment): void {
    startDeliveries(this, this.#platform, consignment)
  }

  hop(hop: NewHop): TraceRef {
    const { traceId, hopId } = this.trace
    const id = this.random.hex(16)
    const status = hop.status ?? 'ok'
    const stored: StoredHop = { id, ...hop, startedAt: hop.startedAt ?? this.now, status }
    if (status !== 'running') stored.endedAt ??= this.now
    if (hopId) stored.parentId = hopId
    this.#gather({ traceId, hop: stored })
    return { ...this.trace, hopId: id }
  }

  endHop({ traceId, hopId }: TraceRef, end: Partial<Omit<Hop, 'traceId' | 'id'>>): void {
    if (hopId) this.#gather({ traceId, end: { id: hopId, endedAt: this.now, ...end } })
  }

  tellHop({ traceId, hopId }: TraceRef, more: Partial<Omit<Hop, 'traceId' | 'id' | 'endedAt'>>): void {
    if (hopId) this.#gather({ traceId, end: { id: hopId, ...more } })
  }

  #gather(happening: Happening): void {
    this.#transaction.gather(this.use(traceLedger), happening)
  }

  savepoint<T>(part: () => T): T {
    return this.#transaction.savepoint(part)
  }

  afterApply(call: () => void): void {
    this.#transaction.applied.push(call)
  }

  afterCommit(call: () => void): void {
    this.#transaction.committed.push(call)
  }

  use<T>(key: Singleton<T>): T {
    return this.#platform.use(key)
  }

  at({ account = this.account, region = this.region, trace = this.trace }: Partial<Scope> & { trace?: TraceRef }): Tx {
    return new ServiceTx(this.#platform, this.#transaction, { account, region, trace }, this.now)
  }
}
