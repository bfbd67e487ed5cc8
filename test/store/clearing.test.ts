/** A reset below the store: all of what was is gone or none of it, and what comes after it stays. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { collection } from '../../src/store/collection.ts'
import { openBackend } from '../../src/store/loggedBackend.ts'
import { Store } from '../../src/store/store.ts'
import { SimulatedDisk } from '../simulation/disk.ts'

const sales = collection<{ id: number }>('test/sales', { version: 1, key: (sale) => [sale.id] })
const here = { account: '000000000000', region: 'us-east-1' }
const salesCount = 40

async function sell(store: Store, ids: readonly number[]): Promise<void> {
  for (const id of ids) await store.commit((tx) => tx.in(sales, here).put({ id }))
}

const idsOf = (store: Store) => [...store.in(sales, here).list()].map(({ id }) => id)
const all = Array.from({ length: salesCount }, (_, id) => id)
/** The log and the table take turns, so that both hold a part. */
const small = { recentBytesMax: 1_000, fileBytesMax: 2_000 }

test('wherever the power goes in a clearing, all of it is there afterwards or nothing, and what came later stays', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const disk = new SimulatedDisk(seededRandom(seed))
    disk.crashAt = Number.POSITIVE_INFINITY
    const crashAfter = 1 + (seed % 4)
    const store = await Store.open(await disk.backend(small))
    await sell(store, all)
    const crashAt = disk.writes + crashAfter
    disk.crashAt = crashAt
    let isCleared = false
    let isSold = false
    const work = store.clear().then(() => {
      isCleared = true
      return sell(store, [1_000])
    })
    const crashed = (async () => {
      while (disk.writes < crashAt && !isSold) await new Promise((resolve) => setImmediate(resolve))
    })()
    await Promise.race([work.then(() => (isSold = true)), crashed])
    disk.crashAt = Number.POSITIVE_INFINITY
    const ids = idsOf(await Store.open(await disk.backend(small)))
    seen.add(ids.join())
    if (isSold) expect(ids).toEqual([1_000])
    else if (isCleared) expect([[], [1_000]]).toContainEqual(ids)
    else expect([all, []]).toContainEqual(ids)
  }

  expect(seen.size).toBeGreaterThan(1)
})

test('commits that come while a store is cleared are written after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-clear-'))
  const store = await Store.open(await openBackend(folder, { durable: true }))
  await sell(store, all)
  const clearing = store.clear()
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([clearing, sell(store, [1_000, 1_001])])
  const before = idsOf(store)
  await sell(store, [1_002])
  await store.close()
  const reopened = await Store.open(await openBackend(folder, { durable: true }))
  const after = idsOf(reopened)
  await reopened.close()
  rmSync(folder, { recursive: true })

  expect(before).toEqual([1_000, 1_001])
  expect(after).toEqual([1_000, 1_001, 1_002])
})
