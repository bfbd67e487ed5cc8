/**
 * Items whose time to live ends, in order of that time: one entry an item, written in the item's own commit, and one due row a
 * table for the first of them. What is over is deleted then, and its stream says that the table did it.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { measure } from '../../delivery/metering.ts'
import { collection } from '../../store/collection.ts'
import { hashOf, type Place, placeOf } from './keys.ts'
import { items, writeItem } from './storage.ts'
import type { Change } from './streamRecords.ts'
import { type Table, type TimeToLive, tables } from './tables.ts'
import type { Item } from './values.ts'

const deletedAtOnce = 100
/** What ended longer ago is taken for a mistake and stays, as on AWS: five years. */
const pastMillisMax = 5 * 365 * 86_400_000

interface Expiry {
  holder: string
  seconds: number
  /** Tells items of one second apart. */
  of: string
  at: Place
}

export const expiries = collection<Expiry>('dynamodb/expiries', {
  version: 1,
  key: ({ holder, seconds, of }) => [holder, seconds, of],
})

interface ExpiryWork extends Due {
  table: string
}

/** By the id of the table's time to live. */
export const expiryWork = dueQueue<ExpiryWork>('dynamodb/expiries')

export const expiryWorker = worker('dynamodb/expiries', {
  queue: expiryWork,
  concurrency: 2,
  async run(work, ctx) {
    await ctx.commit((tx) => deleteExpired(tx, work))
  },
})

/** Keeps the entry of an item that is written. */
export function trackExpiry(tx: Tx, table: Table, timeToLive: TimeToLive, { before, after }: Change): void {
  const [old, next] = [before && expiryOf(before, table, timeToLive), after && expiryOf(after, table, timeToLive)]
  if (old?.seconds === next?.seconds) return
  if (old) tx.in(expiries).delete(old.holder, old.seconds, old.of)
  if (next) expect(tx, table, next)
}

export function expect(tx: Tx, table: Table, expiry: Expiry): void {
  tx.in(expiries).put(expiry)
  const row = tx.due(expiryWork).get(expiry.holder)
  const dueAt = Math.max(expiry.seconds * 1000, tx.now)
  if (!row || row.dueAt > dueAt) tx.due(expiryWork).put({ id: expiry.holder, dueAt, table: table.name })
}

/** Undefined where the attribute is not there, or is no number. */
export function expiryOf(item: Item, table: Table, { attribute, id }: TimeToLive): Expiry | undefined {
  const text = item[attribute]?.N
  if (text === undefined) return undefined
  const at = placeOf(item, table.keys)
  return { holder: id, seconds: Math.floor(Number(text)), of: hashOf(`${at.partition}\0${at.sort}`), at }
}

function deleteExpired(tx: Tx, work: ExpiryWork): void {
  const table = tx.in(tables).get(work.table)
  if (table?.timeToLive?.id !== work.id) {
    tx.due(expiryWork).delete(work.id)
    return
  }
  const range = { prefix: [work.id], from: [work.id, oldestSeconds(tx.now)], limit: deletedAtOnce + 1 }
  const first = [...tx.in(expiries).list(range)]
  const over = first.slice(0, deletedAtOnce).filter(({ seconds }) => seconds * 1000 <= tx.now)
  for (const expiry of over) {
    const { at } = expiry
    const before = tx.in(items).get(table.id, at.partition, at.sort)?.item
    tx.in(expiries).delete(expiry.holder, expiry.seconds, expiry.of)
    if (before) writeItem(tx, table, { before, after: undefined, isExpiry: true })
  }
  if (over.length > 0) {
    const thing = { namespace: 'AWS/DynamoDB', dimensions: [{ TableName: table.name }] }
    measure(tx, thing, { name: 'TimeToLiveDeletedItemCount', unit: 'Count', value: over.length })
  }
  const next = first[over.length]
  if (next) tx.due(expiryWork).put({ ...work, dueAt: Math.max(next.seconds * 1000, tx.now + 1) })
  else tx.due(expiryWork).delete(work.id)
}

function oldestSeconds(now: Millis): number {
  return Math.floor((now - pastMillisMax) / 1000)
}
