/**
 * Due work: everything that happens later is a row with a time. A worker takes the rows whose time has come, does the
 * world, and commits the outcome, which deletes the row or gives it a later time. Killed at any line, the row is there.
 */
import type { Millis } from '../clock.ts'
import type { TraceRef } from '../observe/traces.ts'
import { type Collection, collection, type Scope } from '../store/collection.ts'
import type { Context } from './context.ts'
import type { Platform } from './platform.ts'

/** A run that the end of the server, or a reset, cut off. Its row stays due; nobody is to blame. */
export class Interrupted extends Error {}

/** What every due item has. */
export interface Due {
  id: string
  dueAt: Millis
  trace?: TraceRef
}

/** A row: the item, whose it is, and the lane that its mark is in. */
export interface DueRow<T extends Due> {
  scope: Scope
  item: T
  lane?: string
}

export interface DueQueue<T extends Due> {
  readonly name: string
  /** By account, region and id. */
  readonly rows: Collection<DueRow<T>>
  /** By lane, then in order of time: what the runner reads. */
  readonly order: Collection<DueMark>
}

export interface DueMark {
  /** Items of one fairness key (`fairBy`) wait in one lane. */
  lane: string
  dueAt: Millis
  id: string
  scope: Scope
}

export function dueQueue<T extends Due>(name: string): DueQueue<T> {
  return {
    name,
    rows: collection<DueRow<T>>(`due/${name}`, { version: 1, key: (row) => [row.item.id] }),
    order: collection<DueMark>(`due-lanes/${name}`, {
      version: 1,
      scope: 'global',
      key: ({ lane, dueAt, scope, id }) => [lane, dueAt, scope.account, scope.region, id],
    }),
  }
}

/** A queue's rows inside a commit. `put` replaces the item of the same id, whatever its time was. */
export interface DueRows<T extends Due> {
  get(id: string): T | undefined
  put(item: T): void
  /** Who was given the item with its mark spares the reading: should it have another by now, the runner forgets that one. */
  delete(id: string, mark?: DueMark): void
}

export interface Worker<T extends Due = Due> {
  name: string
  queue: DueQueue<T>
  /** Items run at once. */
  concurrency: number
  /** Items of one key wait in a lane of their own, and never take more than their share of `concurrency`. */
  fairBy?: (item: T) => string
  /**
   * Does the work of one item and commits its outcome: deletes the item or puts it back with a later `dueAt`.
   * A throw is a bug of ours or a disk that refuses: it is logged and the item is tried again, later and later.
   */
  run(item: T, ctx: Context): Promise<void>
  /** For items whose work is a commit and nothing else. */
  together?: Together<T>
}

/** Items of one lane that are due together are done together: one commit for many. They take nothing of `concurrency`. */
export interface Together<T extends Due> {
  /** Whether this lane's items are done so. */
  takes(lane: string, platform: Platform): boolean
  /** Of one run: the event loop waits for its commit. */
  itemsMax: number
  /** What the items of a run may weigh together; one always goes. */
  weightMax: number
  weightOf(item: T): number
  /** As `run`, in the order of the items. Where it throws, each item is run by itself, which finds out whose fault it was. */
  run(items: readonly Placed<T>[], ctx: Context): Promise<void>
}

/** An item, whose it is, and under which mark it was found. */
export interface Placed<T extends Due> {
  item: T
  mark: DueMark
}

export function worker<T extends Due>(
  name: string,
  settings: Omit<Worker<T>, 'name' | 'concurrency'> & { concurrency?: number },
): Worker<T> {
  return { name, concurrency: 16, ...settings }
}
