import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import type { Backend } from '../../src/store/backend.ts'
import { collection } from '../../src/store/collection.ts'
import { openBackend } from '../../src/store/loggedBackend.ts'
import { CommitFailed, Store } from '../../src/store/store.ts'

interface Sale {
  store: string
  id: number
  value: string
}

const sales = collection<Sale>('test/sales', { version: 1, key: (sale) => [sale.store, sale.id] })
const here = { account: '000000000000', region: 'us-east-1' }

const test = base.extend<{ folder: string; store: Store }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-store-'))
    await use(folder)
    rmSync(folder, { recursive: true })
  },
  store: async ({ folder }, use) => {
    const store = await Store.open(await openBackend(folder, { durable: true }))
    await use(store)
    await store.close()
  },
})

test('a commit is seen by later commits at once and by readers when it is on disk', async ({ store }) => {
  const committed = store.commit((tx) => tx.in(sales, here).put({ store: 'loja-123', id: 1, value: '10.50' }))
  const seenByNext = await store.commit((tx) => tx.in(sales, here).get('loja-123', 1)?.value)
  await committed

  expect(seenByNext).toBe('10.50')
  expect(store.in(sales, here).get('loja-123', 1)?.value).toBe('10.50')
})

test('a throw in a commit undoes all of it', async ({ store }) => {
  const failing = store.commit((tx) => {
    tx.in(sales, here).put({ store: 'loja-123', id: 1, value: '1' })
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect([...store.newest(sales, here).list()]).toEqual([])
})

test('a throw in a savepoint undoes that part alone', async ({ store }) => {
  await store.commit((tx) => {
    tx.in(sales, here).put({ store: 'a', id: 1, value: 'kept' })
    const part = () =>
      tx.savepoint(() => {
        tx.in(sales, here).put({ store: 'a', id: 2, value: 'undone' })
        throw new Error('no')
      })
    expect(part).toThrow('no')
  })

  expect([...store.in(sales, here).list()].map((sale) => sale.value)).toEqual(['kept'])
})

test('a savepoint within a savepoint gives back what was written, replaced and deleted before it', async ({
  store,
}) => {
  await store.commit((tx) => {
    const of = tx.in(sales, here)
    of.put({ store: 'a', id: 1, value: 'first' })
    of.put({ store: 'a', id: 2, value: 'second' })
    const undone = (part: () => void) =>
      tx.savepoint(() => {
        part()
        throw new Error('no')
      })
    tx.savepoint(() => {
      of.put({ store: 'a', id: 3, value: 'third' })
      expect(() =>
        undone(() => {
          of.delete('a', 1)
          of.put({ store: 'a', id: 1, value: 'again' })
          of.delete('a', 2)
          expect(() => undone(() => of.put({ store: 'a', id: 3, value: 'changed' }))).toThrow('no')
          of.put({ store: 'a', id: 4, value: 'fourth' })
        }),
      ).toThrow('no')
    })
    of.delete('a', 2)
  })

  expect([...store.in(sales, here).list()].map((sale) => sale.value)).toEqual(['first', 'third'])
})

test('records lie in the order of their keys, merged from disk and from what is on the way there', async ({
  store,
}) => {
  const put = (ids: number[]) =>
    store.commit((tx) => ids.map((id) => tx.in(sales, here).put({ store: 'x', id, value: String(id) })))
  await put([5, -3, 100])

  const pending = put([7, 1.5])
  const seen = await store.commit((tx) => {
    tx.in(sales, here).delete('x', 100)
    tx.in(sales, here).put({ store: 'x', id: 6, value: '6' })
    const list = (range: object) => [...tx.in(sales, here).list(range)].map((sale) => sale.id)
    return {
      all: list({}),
      down: list({ reverse: true, limit: 2 }),
      after: list({ after: ['x', 5] }),
      before: list({ before: ['x', 5] }),
    }
  })
  await pending

  expect(seen).toEqual({ all: [-3, 1.5, 5, 6, 7], down: [7, 6], after: [6, 7], before: [-3, 1.5] })
})

test('accounts and regions never see each other', async ({ store }) => {
  await store.commit((tx) => tx.in(sales, here).put({ store: 'x', id: 1, value: '1' }))

  expect([...store.in(sales, { ...here, region: 'sa-east-1' }).list()]).toEqual([])
  expect([...store.in(sales, { ...here, account: '111111111111' }).list()]).toEqual([])
})

test('what was committed is there after a reopening, and a later version migrates it', async ({ folder }) => {
  const first = await Store.open(await openBackend(folder, { durable: true }))
  await first.commit((tx) => tx.in(sales, here).put({ store: 'x', id: 1, value: '10' }))
  await first.close()
  const doubled = collection<Sale>('test/sales', {
    version: 2,
    key: (sale) => [sale.store, sale.id],
    migrate: (sale) => ({ ...(sale as Sale), value: `${(sale as Sale).value}0` }),
  })

  const second = await Store.open(await openBackend(folder, { durable: true }))
  await second.commit((tx) => tx.in(doubled, here).get('x', 1))
  const migrated = second.in(doubled, here).get('x', 1)?.value
  await second.close()
  const third = await Store.open(await openBackend(folder, { durable: true }))
  const older = () => third.in(sales, here)

  expect(migrated).toBe('100')
  expect(older).toThrow('version 2; this Igarapé reads version 1')
  await third.close()
})

test('a disk that refuses a batch fails its commits and those that saw it', async ({ folder }) => {
  const disk = await openBackend(folder, { durable: true })
  let isFull = false
  const write: Backend['write'] = (batch) =>
    isFull ? Promise.reject(new Error('no space left on device')) : disk.write(batch)
  const backend: Backend = new Proxy(disk, {
    get: (_, name) => (name === 'write' ? write : (disk[name as 'get'] as () => void).bind(disk)),
  })
  const store = await Store.open(backend)
  await store.commit((tx) => tx.in(sales, here).put({ store: 'x', id: 1, value: 'safe' }))

  isFull = true
  const refused = store.commit((tx) => tx.in(sales, here).put({ store: 'x', id: 2, value: 'lost' }))
  await expect(refused).rejects.toThrow(CommitFailed)
  isFull = false
  await store.commit((tx) => tx.in(sales, here).put({ store: 'x', id: 3, value: 'after' }))

  expect([...store.newest(sales, here).list()].map((sale) => sale.value)).toEqual(['safe', 'after'])
  await store.close()
})
