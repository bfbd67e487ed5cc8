/** The order of a replay, on a log of its own: a bound on memory must not lose, repeat or disorder anything. */
import { expect, test } from 'vitest'
import { seededRandom, virtualClock } from '../../src/clock.ts'
import { type Cursor, minuteOf, ReplayReader } from '../../src/services/eventbridge/replayReader.ts'
import { Store } from '../../src/store/store.ts'
import { SimulatedDisk } from '../simulation/disk.ts'

const batch = { eventsMax: 256, bytesMax: 2 ** 20 }
const all = { log: 'log', start: 0, end: Number.MAX_SAFE_INTEGER, upTo: { segment: 1_000, offset: 0 } }

async function logOf(times: readonly number[], bodyOf: (id: number) => string): Promise<Store> {
  const store = await Store.open(await new SimulatedDisk(seededRandom(1)).backend())
  const clock = virtualClock(0)
  for (let start = 0; start < times.length; start += 500) {
    await store.commit((tx) => {
      for (const [index, at] of times.slice(start, start + 500).entries()) {
        const entry = { at, appendedAt: clock.now(), body: bodyOf(start + index) }
        tx.gather(store.segments, { log: 'log', entry })
      }
    })
  }
  return store
}

/** The ids in the order of the replay; every so often the reader is forgotten, as by a crash. */
async function idsInOrder(store: Store, window: typeof all, forgetEvery: number): Promise<number[]> {
  const ids: number[] = []
  let cursor: Cursor | undefined
  let reader = new ReplayReader(store.segments, window, cursor)
  for (let count = 1; ; count++) {
    const events = await reader.next(batch)
    if (events.length === 0) return ids
    ids.push(...events.map(({ json }) => Number.parseInt(json, 10)))
    cursor = reader.cursor
    if (count % forgetEvery === 0) reader = new ReplayReader(store.segments, window, cursor)
  }
}

const inOrder = (times: readonly number[], isWanted: (at: number) => boolean) =>
  times
    .map((at, id) => ({ at, id }))
    .filter(({ at }) => isWanted(at))
    .sort((a, b) => minuteOf(a.at) - minuteOf(b.at) || a.id - b.id)
    .map(({ id }) => id)

test('times that come mixed are read by the minute, each event once, also after crashes', async () => {
  const random = seededRandom(7)
  const times = Array.from({ length: 12_000 }, () => Math.floor(random.fraction() * 86_400_000))
  const store = await logOf(times, (id) => `${id} ${'x'.repeat(id % 700)}`)
  const window = { ...all, start: 3_600_000, end: 80_000_000 }

  const found = await idsInOrder(store, window, 7)
  const whole = await idsInOrder(store, all, 1_000)

  expect(found).toEqual(inOrder(times, (at) => at >= window.start && at < window.end))
  expect(whole).toEqual(inOrder(times, () => true))
})

test('times that go on with the clock are read as they came, large bodies among them', async () => {
  const times = Array.from({ length: 9_000 }, (_, id) => id * 17)
  const store = await logOf(times, (id) => `${id} ${'x'.repeat(id % 1_000 === 0 ? 900_000 : 200)}`)

  const found = await idsInOrder(store, all, 5)

  expect(found).toEqual(times.map((_, id) => id))
})
