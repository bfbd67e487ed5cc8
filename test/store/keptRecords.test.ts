/** Records that are kept decoded are what the store has at every moment: in a commit, after a throw, and after a disk that refused. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { type Backend, lmdbBackend } from '../../src/store/backend.ts'
import { collection } from '../../src/store/collection.ts'
import { Store } from '../../src/store/store.ts'

interface Queue {
  name: string
  settings: { delay: number }
}

const queues = collection<Queue>('test/queues', { version: 1, kept: true, key: (queue) => [queue.name] })
const here = { account: '000000000000', region: 'us-east-1' }
const fila = (delay: number) => ({ name: 'fila', settings: { delay } })

const test = base.extend<{ backend: Backend & { refuses: boolean }; store: Store }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  backend: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-store-'))
    const disk = lmdbBackend(folder, { durable: false })
    const backend = {
      ...disk,
      refuses: false,
      write: (batch: Parameters<Backend['write']>[0]) =>
        backend.refuses ? Promise.reject(new Error('full')) : disk.write(batch),
    }
    await use(backend)
    rmSync(folder, { recursive: true })
  },
  store: async ({ backend }, use) => {
    const store = await Store.open(backend)
    await use(store)
    await store.close()
  },
})

test('a commit sees its own write, later commits too, and readers what is on disk', async ({ store }) => {
  await store.commit((tx) => tx.in(queues, here).put(fila(1)))
  expect(store.in(queues, here).get('fila')).toEqual(fila(1))

  const committed = store.commit((tx) => {
    tx.in(queues, here).put(fila(2))
    return tx.in(queues, here).get('fila')?.settings.delay
  })
  const seenByNext = store.commit((tx) => tx.in(queues, here).get('fila')?.settings.delay)

  expect(store.in(queues, here).get('fila')).toEqual(fila(1))
  expect([await committed, await seenByNext]).toEqual([2, 2])
  expect(store.in(queues, here).get('fila')).toEqual(fila(2))
})

test('what is deleted is gone, for readers once it is on disk', async ({ store }) => {
  await store.commit((tx) => tx.in(queues, here).put(fila(1)))
  store.newest(queues, here).get('fila')

  const deleted = store.commit((tx) => {
    tx.in(queues, here).delete('fila')
    return tx.in(queues, here).get('fila')
  })

  expect(store.newest(queues, here).get('fila')).toBeUndefined()
  expect(store.in(queues, here).get('fila')).toEqual(fila(1))
  expect(await deleted).toBeUndefined()
  expect(store.in(queues, here).get('fila')).toBeUndefined()
})

test('a commit that throws leaves what was', async ({ store }) => {
  await store.commit((tx) => tx.in(queues, here).put(fila(1)))

  const failing = store.commit((tx) => {
    tx.in(queues, here).put(fila(2))
    expect(tx.in(queues, here).get('fila')).toEqual(fila(2))
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect(store.newest(queues, here).get('fila')).toEqual(fila(1))
})

test('a write that the disk refused was never there', async ({ store, backend }) => {
  await store.commit((tx) => tx.in(queues, here).put(fila(1)))

  backend.refuses = true
  const refused = store.commit((tx) => tx.in(queues, here).put(fila(2)))
  expect(store.newest(queues, here).get('fila')).toEqual(fila(2))

  await expect(refused).rejects.toThrow('full')
  expect(store.newest(queues, here).get('fila')).toEqual(fila(1))
})

test('who reads one cannot change it for others', async ({ store }) => {
  await store.commit((tx) => tx.in(queues, here).put(fila(1)))
  const read = store.in(queues, here).get('fila') as Queue

  expect(() => {
    read.settings.delay = 5
  }).toThrow(TypeError)
})

test('what a commit puts again and again is its last, and a savepoint that throws takes it back to the one before', async ({
  store,
}) => {
  await store.commit((tx) => {
    const records = tx.in(queues, here)
    for (let delay = 1; delay <= 3; delay++) records.put(fila(delay))
    const undone = () => {
      records.put(fila(4))
      records.delete('fila')
      records.put({ ...fila(5), name: 'outra' })
      throw new Error('no')
    }

    expect(() => tx.savepoint(undone)).toThrow('no')

    expect(records.get('fila')).toEqual(fila(3))
    expect(records.has('outra')).toBe(false)
    expect([...records.list()]).toEqual([fila(3)])
  })
  expect([...store.in(queues, here).list()]).toEqual([fila(3)])
  expect(store.in(queues, here).get('fila')).toEqual(fila(3))
})
