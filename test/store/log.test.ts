/** The log below the store: what it holds when the power goes at any write, and what it says when it cannot be whole. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { type Backend, lmdbBackend } from '../../src/store/backend.ts'
import { collection } from '../../src/store/collection.ts'
import { LogBroken } from '../../src/store/log.ts'
import { type LogFile, openLogFile } from '../../src/store/logFile.ts'
import { LoggedBackend, openBackend } from '../../src/store/loggedBackend.ts'
import { CommitFailed, Store } from '../../src/store/store.ts'
import { SimulatedDisk } from '../simulation/disk.ts'

interface Sale {
  id: number
  value: string
}

const sales = collection<Sale>('test/sales', { version: 1, key: (sale) => [sale.id] })
const copies = collection<Sale>('test/copies', { version: 1, key: (sale) => [sale.id] })
const here = { account: '000000000000', region: 'us-east-1' }

const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-log-'))
    await use(folder)
    rmSync(folder, { recursive: true })
  },
})

const small = { recentBytesMax: 4_000, fileBytesMax: 8_000 }
const commitsMax = 60

/** Sales come and go, each with its copy in the same commit. Stops when the power goes. */
async function sell(store: Store, acknowledged: Map<number, string | undefined>, disk: SimulatedDisk): Promise<void> {
  for (let id = 0; id < commitsMax && disk.writes < disk.crashAt; id += 3) {
    const commits = [id, id + 1, id + 2].map((id) => {
      const value = 'x'.repeat(id * 7)
      const put = store.commit((tx) => {
        tx.in(sales, here).put({ id, value })
        tx.in(copies, here).put({ id, value })
        if (id >= 10) {
          tx.in(sales, here).delete(id - 10)
          tx.in(copies, here).delete(id - 10)
        }
      })
      return put.then(() => {
        acknowledged.set(id, value)
        if (id >= 10) acknowledged.set(id - 10, undefined)
      })
    })
    const crashed = (async () => {
      while (disk.writes < disk.crashAt) await new Promise((resolve) => setImmediate(resolve))
    })()
    await Promise.race([Promise.all(commits), crashed])
  }
}

test('whatever write the power goes at, what was acknowledged is there, and a commit whole or not at all', async () => {
  const whole = new SimulatedDisk(seededRandom(1))
  await sell(await Store.open(await whole.backend(small)), new Map(), whole)
  for (let crashAt = 1; crashAt <= whole.writes; crashAt++) {
    const disk = new SimulatedDisk(seededRandom(crashAt))
    disk.crashAt = crashAt
    const acknowledged = new Map<number, string | undefined>()
    const opened = disk.backend(small).then((backend) => Store.open(backend))
    const store = await Promise.race([opened, untilCrash(disk)])
    if (store) await sell(store, acknowledged, disk)

    const after = await Store.open(await disk.backend(small))
    const found = new Map([...after.in(sales, here).list()].map(({ id, value }) => [id, value]))
    const copied = new Map([...after.in(copies, here).list()].map(({ id, value }) => [id, value]))
    const newest = Math.max(...found.keys())
    for (const [id, value] of acknowledged) {
      // A commit that was under way may have taken an older sale with it, and then is there itself.
      if (value === undefined || newest < id + 10) expect(found.get(id), `crash at ${crashAt}`).toBe(value)
    }
    expect(copied, `crash at ${crashAt}`).toEqual(found)
  }
}, 120_000)

async function untilCrash(disk: SimulatedDisk): Promise<undefined> {
  while (disk.writes < disk.crashAt) await new Promise((resolve) => setImmediate(resolve))
  return undefined
}

test('a server killed while it recovers recovers the next time', async () => {
  const disk = new SimulatedDisk(seededRandom(7))
  const store = await Store.open(await disk.backend({ recentBytesMax: 1e6, fileBytesMax: 1e6 }))
  for (let id = 0; id < 3_000; id++) void store.commit((tx) => tx.in(sales, here).put({ id, value: String(id) }))
  await store.flushed()
  disk.crash()
  for (let kill = 1; kill <= 3; kill++) {
    disk.crashAt = disk.writes + kill
    await Promise.race([disk.backend(), untilCrash(disk)])
  }
  disk.crashAt = Number.POSITIVE_INFINITY
  const after = await Store.open(await disk.backend())

  expect([...after.in(sales, here).list()].map(({ id }) => id)).toEqual(Array.from({ length: 3_000 }, (_, id) => id))
})

/** Leaves a folder as a kill leaves it: nothing is put in order. */
async function killedAfter(folder: string, count: number): Promise<void> {
  const living = mkdtempSync(join(tmpdir(), 'igarape-log-'))
  const store = await Store.open(await openBackend(living, { durable: true }))
  for (let id = 0; id < count; id++) await store.commit((tx) => tx.in(sales, here).put({ id, value: 'sold' }))
  copyStore(living, folder)
  await store.close()
  rmSync(living, { recursive: true })
}

function copyStore(from: string, to: string): void {
  for (const name of ['log-0', 'log-1', 'store.mdb']) copyFileSync(join(from, name), join(to, name))
}

async function idsIn(folder: string): Promise<number[]> {
  const store = await Store.open(await openBackend(folder, { durable: true }))
  const ids = [...store.in(sales, here).list()].map(({ id }) => id)
  await store.close()
  return ids
}

function changeLog(folder: string, change: (log: Buffer, records: number[]) => void): void {
  for (const name of ['log-0', 'log-1']) {
    const log = readFileSync(join(folder, name))
    const records: number[] = []
    for (let at = log.indexOf('igw1'); at >= 0; at = log.indexOf('igw1', at + 1)) records.push(at)
    if (records.length < 2) continue
    change(log, records)
    writeFileSync(join(folder, name), log)
  }
}

test('a torn last record is left out, and what was before it is there', async ({ folder }) => {
  await killedAfter(folder, 5)
  changeLog(folder, (log, records) => log.fill(0, (records.at(-1) as number) + 30))

  expect(await idsIn(folder)).toEqual([0, 1, 2, 3])
})

test('a broken record with whole ones after it is refused by name, and nothing is changed', async ({ folder }) => {
  await killedAfter(folder, 5)
  const damaged: Buffer[] = []
  changeLog(folder, (log, records) => {
    log.writeUInt8(255, (records.at(-2) as number) + 40)
    damaged.push(log)
  })

  await expect(openBackend(folder, { durable: true })).rejects.toThrow(LogBroken)
  await expect(openBackend(folder, { durable: true })).rejects.toThrow(
    /batch \d+ cannot be read, but batch \d+ after it/,
  )
  changeLog(folder, (log) => expect(log.equals(damaged[0] as Buffer)).toBe(true))
})

test('a folder of the layout before the log opens with all that it holds', async ({ folder }) => {
  const older = await Store.open(lmdbBackend(folder, { durable: true }))
  await older.commit((tx) => tx.in(sales, here).put({ id: 1, value: 'sold' }))
  await older.close()

  expect(await idsIn(folder)).toEqual([1])
})

test('what a closed store leaves is all in the table', async ({ folder }) => {
  const store = await Store.open(await openBackend(folder, { durable: true }))
  for (let id = 0; id < 20; id++) await store.commit((tx) => tx.in(sales, here).put({ id, value: 'sold' }))
  await store.close()
  const table = await Store.open(lmdbBackend(folder, { durable: true }))

  expect(table.in(sales, here).count()).toBe(20)
  await table.close()
})

/** A disk that refuses when it is told to, and leaves a part of what it refused. */
function refusing(file: LogFile, disk: { refuses: boolean; refusesCuts: boolean }): LogFile {
  return {
    read: () => file.read(),
    close: () => file.close(),
    async write(bytes, at) {
      if (disk.refuses) {
        await file.write(bytes, at)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
      await file.write(bytes, at)
    },
    async cut(at) {
      if (disk.refusesCuts) throw Object.assign(new Error('EIO: i/o error, ftruncate'), { code: 'EIO' })
      await file.cut(at)
    },
  }
}

test('a refused commit is not there, not even after a restart, and writing goes on when the disk does', async ({
  folder,
}) => {
  const disk = { refuses: false, refusesCuts: false }
  const open = async () => {
    const files = [await openLogFile(join(folder, 'log-0')), await openLogFile(join(folder, 'log-1'))] as const
    return [refusing(files[0], disk), refusing(files[1], disk)] as const
  }
  const store = await Store.open(await LoggedBackend.open(lmdbBackend(folder, { durable: true }), await open()))
  const put = (id: number) => store.commit((tx) => tx.in(sales, here).put({ id, value: 'sold' }))
  await put(1)

  Object.assign(disk, { refuses: true, refusesCuts: true })
  await expect(put(2)).rejects.toThrow(CommitFailed)
  Object.assign(disk, { refuses: false })
  // What the failed write left cannot be cut off yet, so nothing may be written over it.
  await expect(put(3)).rejects.toThrow('EIO')
  expect(store.in(sales, here).get(1)?.value).toBe('sold')
  Object.assign(disk, { refusesCuts: false })
  await put(4)

  expect([...store.newest(sales, here).list()].map(({ id }) => id)).toEqual([1, 4])
  await store.flushed()
  expect(await idsAfterKill(folder)).toEqual([1, 4])
})

/** From a copy of what lies there now, as a kill would leave it. */
async function idsAfterKill(folder: string): Promise<number[]> {
  const copy = mkdtempSync(join(tmpdir(), 'igarape-log-'))
  copyStore(folder, copy)
  const ids = await idsIn(copy)
  rmSync(copy, { recursive: true })
  return ids
}

test('while the table refuses, commits go on until the log is full, and all is there when it takes them again', async () => {
  const disk = new SimulatedDisk(seededRandom(3))
  const table = { refuses: false }
  const parts = disk.parts()
  const store = await Store.open(await LoggedBackend.open(refusingTable(parts.table, table), parts.files, small))
  const accepted: number[] = []
  let refused = 0
  table.refuses = true
  for (let id = 0; id < 100; id++) {
    const put = store.commit((tx) => tx.in(sales, here).put({ id, value: 'x'.repeat(100) }))
    await put.then(
      () => accepted.push(id),
      () => refused++,
    )
  }
  table.refuses = false
  await store.commit((tx) => tx.in(sales, here).put({ id: 1000, value: 'after' }))

  expect(refused).toBeGreaterThan(0)
  expect([...store.in(sales, here).list()].map(({ id }) => id)).toEqual([...accepted, 1000])
})

function refusingTable(table: Backend, state: { refuses: boolean }): Backend {
  const write: Backend['write'] = (batch) =>
    state.refuses ? Promise.reject(new Error('MDB_MAP_FULL')) : table.write(batch)
  return { ...table, write }
}
