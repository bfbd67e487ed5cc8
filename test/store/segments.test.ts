import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { type Backend, lmdbBackend } from '../../src/store/backend.ts'
import type { Collection } from '../../src/store/collection.ts'
import { openDisk } from '../../src/store/loggedBackend.ts'
import { type SegmentFiles, segmentFiles } from '../../src/store/segmentFiles.ts'
import { type LogTransaction, type Placement, segmentLimits } from '../../src/store/segments.ts'
import { CommitFailed, Store } from '../../src/store/store.ts'
import type { Transaction } from '../../src/store/transaction.ts'
import { SimulatedDisk } from '../simulation/disk.ts'
import { SimulatedSegments } from '../simulation/segmentDisk.ts'

const anywhere = { account: '', region: '' }

interface Opened {
  store: Store
  folder: string
}

const test = base.extend<{ opened: Opened }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  opened: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-segments-'))
    const store = await open(folder)
    await use({ store, folder })
    await store.close()
    rmSync(folder, { recursive: true })
  },
})

const open = (folder: string, backend: Backend = lmdbBackend(folder, { durable: true })) =>
  Store.open(backend, segmentFiles(join(folder, 'segments'), { durable: true }))

const append = (store: Store, tx: Transaction, log: string, body: string, at = 0, appendedAt = at) =>
  tx.gather(store.segments, { log, entry: { at, appendedAt, body }, brief: true })

async function bodies(store: Store, log: string): Promise<string[]> {
  const found: string[] = []
  for await (const { body } of store.segments.read(log)) found.push(Buffer.from(body).toString())
  return found
}

/** A transaction as services see it. */
const asLogTransaction = (tx: Transaction): LogTransaction => ({
  in: <R>(collection: Collection<R>) => tx.in(collection, anywhere),
  afterCommit: (call) => tx.committed.push(call),
})

const filesOf = (folder: string) => readdirSync(join(folder, 'segments')).sort()

test('entries of a log are read in the order of their commits, also after a reopening', async ({ opened }) => {
  const { store, folder } = opened
  await Promise.all(['um', 'dois', 'três'].map((body, n) => store.commit((tx) => append(store, tx, 'vendas', body, n))))
  await store.commit((tx) => append(store, tx, 'outro', 'x'))

  expect(await bodies(store, 'vendas')).toEqual(['um', 'dois', 'três'])
  expect(store.segments.get('vendas')).toMatchObject({ entries: 3, bodyBytes: 11 })

  await store.close()
  const again = await open(folder)
  await again.commit((tx) => append(again, tx, 'vendas', 'quatro', 3))
  expect(await bodies(again, 'vendas')).toEqual(['um', 'dois', 'três', 'quatro'])
  expect(await bodies(again, 'outro')).toEqual(['x'])
  await again.close()
})

test('a throw in a commit or a savepoint takes its entries with it', async ({ opened: { store } }) => {
  const failing = store.commit((tx) => {
    append(store, tx, 'log', 'gone')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await store.commit((tx) => {
    append(store, tx, 'log', 'first')
    const part = () =>
      tx.savepoint(() => {
        append(store, tx, 'log', 'undone')
        throw new Error('no')
      })
    expect(part).toThrow('no')
    append(store, tx, 'log', 'second')
  })

  expect(await bodies(store, 'log')).toEqual(['first', 'second'])
})

test('what a crash left behind the last entry is not seen, and is cut by the next', async ({ opened }) => {
  const { store, folder } = opened
  await store.commit((tx) => append(store, tx, 'log', 'kept'))
  await store.close()
  const path = join(folder, 'segments', 'log.0')
  appendFileSync(path, Buffer.alloc(1_000_000, 7))
  appendFileSync(join(folder, 'segments', 'nobody.0'), 'what no record refers to')

  const again = await open(folder)
  expect(filesOf(folder)).toEqual(['log.0'])
  expect(await bodies(again, 'log')).toEqual(['kept'])
  await again.commit((tx) => append(again, tx, 'log', 'next'))
  expect(await bodies(again, 'log')).toEqual(['kept', 'next'])
  expect(readFileSync(path).includes(Buffer.alloc(100, 7))).toBe(false)
  await again.close()
})

test('a disk that refuses the records keeps none of the entries', async ({ opened }) => {
  const { store, folder } = opened
  await store.close()
  const disk = lmdbBackend(folder, { durable: true })
  let isFull = false
  const refusing: Backend = {
    ...disk,
    write: (batch) => (isFull ? Promise.reject(new Error('full')) : disk.write(batch)),
  }
  const again = await open(folder, refusing)
  await again.commit((tx) => append(again, tx, 'log', 'safe'))

  isFull = true
  await expect(again.commit((tx) => append(again, tx, 'log', 'a long one that is lost'))).rejects.toThrow(CommitFailed)
  isFull = false
  await again.commit((tx) => append(again, tx, 'log', 'after'))

  expect(await bodies(again, 'log')).toEqual(['safe', 'after'])
  expect(again.segments.get('log')).toMatchObject({ entries: 2 })
  await again.close()
})

test('a damaged entry is not given out', async ({ opened: { store, folder } }) => {
  await store.commit((tx) => append(store, tx, 'log', 'abc'))
  const { open: file } = await import('node:fs/promises')
  const handle = await file(join(folder, 'segments', 'log.0'), 'r+')
  await handle.write(Buffer.from('x'), 0, 1, 25)
  await handle.close()

  await expect(bodies(store, 'log')).rejects.toThrow('is not what was written')
})

test('who appends is told where the entry lies, may write it down in the same commit, and reads it there', async ({
  opened,
}) => {
  const { store } = opened
  const places: Placement[] = []
  await store.commit((tx) => {
    for (const body of ['um', 'dois']) {
      tx.gather(store.segments, {
        log: 'vendas',
        entry: { at: 0, appendedAt: 0, body },
        placed: (place) => places.push(place),
      })
    }
    expect(places).toEqual([])
  })

  const found = await Promise.all(places.map((place) => store.segments.entries({ log: 'vendas', ...place })))
  expect(found.map(([entry]) => Buffer.from(entry?.body ?? '').toString())).toEqual(['um', 'dois'])
})

test('a log rolls over to new segments, and those whose entries are all forgotten give the disk back', async ({
  opened: { store, folder },
}) => {
  const megabyte = 'v'.repeat(2 ** 20)
  const count = segmentLimits.segmentBytesMax / 2 ** 20 + 10
  for (let n = 0; n < count; n++) await store.commit((tx) => append(store, tx, 'log', megabyte, n))
  expect(filesOf(folder)).toEqual(['log.0', 'log.1'])
  expect([...store.segments.blocks('log')]).toHaveLength(count)

  const next = await store.commit((tx) => store.segments.trim(asLogTransaction(tx), 'log', count - 5))
  await store.flushed()

  expect(next).toBe(count - 5)
  await expect.poll(() => filesOf(folder)).toEqual(['log.1'])
  expect(store.segments.get('log')).toMatchObject({ entries: 5, bodyBytes: 5 * 2 ** 20 })

  const none = await store.commit((tx) => store.segments.trim(asLogTransaction(tx), 'log', count))
  await expect.poll(() => filesOf(folder)).toEqual([])
  expect(none).toBeUndefined()
  await store.commit((tx) => append(store, tx, 'log', 'new', count))
  expect(await bodies(store, 'log')).toEqual(['new'])
  expect(filesOf(folder)).toEqual(['log.2'])
})

test('blocks tell from when to when their entries are, and grow no longer than some minutes', async ({
  opened: { store },
}) => {
  const minute = 60_000
  for (const [at, appendedAt] of [
    [5, 0],
    [3, 1],
    [9, 2],
    [100, 15],
    [90, 16],
  ] as const) {
    await store.commit((tx) => append(store, tx, 'log', 'x', at * minute, appendedAt * minute))
  }

  const blocks = [...store.segments.blocks('log')].map(({ from, to, entries }) => [from / minute, to / minute, entries])
  expect(blocks).toEqual([
    [3, 9, 3],
    [90, 100, 2],
  ])
})

test('a dropped log leaves nothing', async ({ opened: { store, folder } }) => {
  await store.commit((tx) => {
    append(store, tx, 'log', 'x')
    append(store, tx, 'other', 'y')
  })
  await store.commit((tx) => store.segments.drop(asLogTransaction(tx), 'log'))

  await expect.poll(() => filesOf(folder)).toEqual(['other.0'])
  expect(await bodies(store, 'log')).toEqual([])
  await store.clear()
  expect(filesOf(folder)).toEqual([])
})

test('more segments than stay open are read at once, and one that is removed meanwhile is read to its end', async ({
  opened: { folder },
}) => {
  const files = segmentFiles(join(folder, 'read'), { durable: true })
  const names = Array.from({ length: 20 }, (_, n) => `log.${n}`)
  await files.write(names.map((file) => ({ file, offset: 0, bytes: Buffer.from(`body of ${file}`) })))

  const reads = [...names, ...names].map((file) => files.read(file, 8, file.length))
  await files.remove('log.19')

  expect((await Promise.all(reads)).map(String)).toEqual([...names, ...names])
  await expect(files.read('log.19', 0, 1)).rejects.toMatchObject({ code: 'ENOENT' })
  await files.write([{ file: 'log.19', offset: 0, bytes: Buffer.from('written anew') }])
  expect(String(await files.read('log.19', 0, 12))).toBe('written anew')
  await files.close()
})

test.for([
  ['with a sync of its own', async (disk, files) => Store.open(await disk.backend(), files)],
  ['behind the log', openBehindLog],
] as [string, (disk: SimulatedDisk, files: SegmentFiles) => Promise<Store>][])(
  'killed at every write, a log %s holds all that was acknowledged, in order, and nothing torn',
  async ([, openOn]) => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed)
      const disk = new SimulatedDisk(random)
      const segments = new SimulatedSegments(random)
      const acknowledged: number[] = []
      let sent = 0
      for (let life = 0; life < 4; life++) {
        const store = await openOn(disk, segments.files())
        const writes = Array.from({ length: 12 }, () => {
          const id = sent++
          const size = Math.floor(random.fraction() * 2000)
          return store
            .commit((tx) => append(store, tx, id % 3 === 0 ? 'a' : 'b', `${id}:${'x'.repeat(size)}`, id))
            .then(() => acknowledged.push(id))
        })
        const turns = Math.floor(random.fraction() * 14)
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
        if (random.fraction() < 0.2) await Promise.all(writes)
        segments.crash()
        disk.crash()
      }

      const store = await openOn(disk, segments.files())
      const found = [...(await bodies(store, 'a')), ...(await bodies(store, 'b'))].map((body) =>
        Number(body.split(':')[0]),
      )
      expect(
        found.filter((id) => id % 3 === 0),
        `seed ${seed}`,
      ).toEqual(found.filter((id) => id % 3 === 0).sort((x, y) => x - y))
      expect(
        acknowledged.filter((id) => !found.includes(id)),
        `seed ${seed}`,
      ).toEqual([])
      expect(new Set(found).size).toBe(found.length)
    }
  },
)

/** Limits so small that files, log and memory take turns often. */
async function openBehindLog(
  disk: SimulatedDisk,
  files: SegmentFiles,
  limits = { recentBytesMax: 6_000, fileBytesMax: 12_000 },
): Promise<Store> {
  const { backend, segmentFiles } = await disk.segmented(files, limits)
  return Store.open(backend, segmentFiles)
}

test('an entry behind the log is read before it is in its file, beside what is there already, and in parts', async () => {
  const segments = new SimulatedSegments(seededRandom(1))
  const store = await openBehindLog(new SimulatedDisk(seededRandom(2)), segments.files(), {
    recentBytesMax: 2_000,
    fileBytesMax: 1e6,
  })
  const places: Placement[] = []
  for (let id = 0; id < 30; id++) {
    await store.commit((tx) =>
      tx.gather(store.segments, {
        log: 'log',
        brief: true,
        entry: { at: id, appendedAt: id, body: `${id}:${'x'.repeat(300)}` },
        placed: (place) => places.push(place),
      }),
    )
  }
  const ids = (found: readonly { body: Uint8Array }[]) =>
    found.map(({ body }) => Number.parseInt(String(Buffer.from(body)), 10))

  // What was written reached the files in part only.
  expect(segments.bytes).toBeGreaterThan(0)
  expect(segments.bytes).toBeLessThan(places.reduce((sum, { bytes }) => sum + bytes, 0))
  expect((await bodies(store, 'log')).map((body) => Number.parseInt(body, 10))).toEqual(places.map((_, id) => id))
  const buffer = Buffer.alloc(2_000)
  for (const [id, place] of places.entries()) {
    expect(ids(await store.segments.entries({ log: 'log', ...place }))).toEqual([id])
    const next = places[id + 1]
    if (next?.segment !== place.segment) continue
    const both = { log: 'log', ...place, bytes: place.bytes + next.bytes }
    expect(ids(await store.segments.entries(both, buffer))).toEqual([id, id + 1])
  }
})

test('a log that is dropped while the log above the table has bytes of it leaves no file, also after a kill', async () => {
  const [disk, segments] = [new SimulatedDisk(seededRandom(3)), new SimulatedSegments(seededRandom(4))]
  const store = await openBehindLog(disk, segments.files(), { recentBytesMax: 1e6, fileBytesMax: 1e6 })
  await store.commit((tx) => append(store, tx, 'gone', 'x'.repeat(500)))
  await store.commit((tx) => append(store, tx, 'kept', 'y'))
  await store.commit((tx) => store.segments.drop(asLogTransaction(tx), 'gone'))
  expect(await bodies(store, 'gone')).toEqual([])
  disk.crash()
  segments.crash()

  const again = await openBehindLog(disk, segments.files(), { recentBytesMax: 1e6, fileBytesMax: 1e6 })
  expect(await bodies(again, 'kept')).toEqual(['y'])
  await again.close()
  expect(segments.names).toEqual(['kept.0'])
})

test('a log of a folder is in its files once the store is closed, and reads go on after a kill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-segments-'))
  const openFolder = async () => {
    const { backend, segmentFiles } = await openDisk(folder, { durable: true })
    return Store.open(backend, segmentFiles)
  }
  const store = await openFolder()
  await store.commit((tx) => append(store, tx, 'vendas', 'um'))
  expect(filesOf(folder)).toEqual([])
  // Opened beside it, as after a kill: all of it is in the log.
  const beside = await openFolder()
  expect(await bodies(beside, 'vendas')).toEqual(['um'])
  await beside.commit((tx) => append(beside, tx, 'vendas', 'dois'))
  await beside.close()

  expect(filesOf(folder)).toEqual(['vendas.0'])
  const again = await openFolder()
  expect(await bodies(again, 'vendas')).toEqual(['um', 'dois'])
  await again.close()
  rmSync(folder, { recursive: true })
})

test('a log that is not brief is in its file at once, beside one that is', async () => {
  const segments = new SimulatedSegments(seededRandom(5))
  const disk = new SimulatedDisk(seededRandom(6))
  const store = await openBehindLog(disk, segments.files(), { recentBytesMax: 1e6, fileBytesMax: 1e6 })
  await store.commit((tx) => {
    tx.gather(store.segments, { log: 'long', entry: { at: 1, appendedAt: 1, body: 'l'.repeat(900) } })
    append(store, tx, 'brief', 'b', 1)
  })
  expect(segments.names).toEqual(['long.0'])
  // What a log began as it stays, whatever is said later.
  await store.commit((tx) => append(store, tx, 'long', 'm', 2))
  const before = segments.bytes
  disk.crash()
  segments.crash()

  const again = await openBehindLog(disk, segments.files(), { recentBytesMax: 1e6, fileBytesMax: 1e6 })
  expect(segments.bytes).toBe(before)
  expect((await bodies(again, 'long')).map(({ length }) => length)).toEqual([900, 1])
  expect(await bodies(again, 'brief')).toEqual(['b'])
  await again.close()
  expect(segments.names).toEqual(['brief.0', 'long.0'])
})
