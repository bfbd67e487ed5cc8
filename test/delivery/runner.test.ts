/** The runner, by workers of the tests' own: what takes long, fails or piles up in one lane stays that lane's matter. */
import { describe, expect } from 'vitest'
import { type Due, type DueMark, dueQueue, type Together, type Worker, worker } from '../../src/delivery/due.ts'
import { collection } from '../../src/store/collection.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

interface Item extends Due {
  lane: string
}

const place = { account: '000000000000', region: 'us-east-1' }
const concurrency = 8
let queues = 0

/** A worker over a queue of its own, whose items run as `run` says and are then done. */
function workerWith(igarape: Igarape, run: (item: Item) => Promise<void>, settings: Partial<Worker<Item>> = {}) {
  const queue = dueQueue<Item>(`tests/${queues++}`)
  const { platform } = igarape.server
  platform.runner.register(
    worker<Item>('tests', {
      queue,
      concurrency,
      fairBy: (item) => item.lane,
      async run(item, ctx) {
        await run(item)
        await ctx.commit((tx) => tx.due(queue).delete(item.id))
      },
      ...settings,
    }),
  )
  const put = (items: readonly Pick<Item, 'id' | 'lane'>[]) =>
    platform.context(place).commit((tx) => {
      for (const item of items) tx.due(queue).put({ dueAt: tx.now, ...item })
    })
  return { queue, put }
}

const items = (lane: string, count: number) => Array.from({ length: count }, (_, n) => ({ id: `${lane}-${n}`, lane }))

/** Resolves once it is told; says how many are waiting for that. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('runs that throw', () => {
  test('are tried again, later and later in real time, until one ends well', async ({ igarape }) => {
    const tried: string[] = []
    const { put } = workerWith(igarape, async ({ id }) => {
      tried.push(id)
      if (tried.length === 1) throw new Error('a bug')
    })

    await put(items('a', 1))
    await igarape.settled()

    expect(tried).toEqual(['a-0', 'a-0'])
  })

  test('stop neither their own lane nor others', async ({ igarape }) => {
    const broken = gate()
    const done: string[] = []
    const { put } = workerWith(igarape, async ({ id }) => {
      if (id === 'a-0' && !done.includes('b-0')) throw new Error('a bug')
      done.push(id)
      if (done.length === 3) broken.open()
    })

    await put([...items('a', 2), ...items('b', 1)])
    await broken.opened
    await igarape.settled()

    expect([...done].sort()).toEqual(['a-0', 'a-1', 'b-0'])
    expect(done.at(-1)).toBe('a-0')
  })
})

describe('lanes', () => {
  test('rows by the thousand that are due in one lane do not hide the one of another', async ({ igarape }) => {
    const [stuck, healthy] = [gate(), gate()]
    const { put } = workerWith(igarape, ({ lane }) => {
      if (lane === 'dead') return stuck.opened
      healthy.open()
      return Promise.resolve()
    })

    await put(items('dead', 3_000))
    await put(items('healthy', 1))
    await healthy.opened
    stuck.open()

    await igarape.settled()
  })

  test('a lane gets a run even when those that are stuck have taken all', async ({ igarape }) => {
    const [stuck, healthy] = [gate(), gate()]
    let running = 0
    const { put } = workerWith(igarape, async ({ lane }) => {
      running++
      if (lane === 'healthy') healthy.open()
      else await stuck.opened
    })

    await put(['a', 'b', 'c', 'd', 'e'].flatMap((lane) => items(lane, 10)))
    await put(items('healthy', 2))
    await healthy.opened

    expect(running).toBeGreaterThanOrEqual(concurrency)
    stuck.open()
    await igarape.settled()
    expect(running).toBe(52)
  })

  test('rows of one lane start in order of time, and lanes take turns', async ({ igarape }) => {
    const started: string[] = []
    const { put } = workerWith(igarape, async ({ id }) => void started.push(id), { concurrency: 1 })

    await put([...items('a', 3), ...items('b', 3)])
    await igarape.settled()

    expect(started.filter((id) => id.startsWith('a'))).toEqual(['a-0', 'a-1', 'a-2'])
    expect(started.slice(0, 2).map((id) => id[0])).not.toEqual(['a', 'a'])
  })

  test('a mark without a row is forgotten, and nothing waits for it', async ({ igarape }) => {
    const { platform } = igarape.server
    const { queue, put } = workerWith(igarape, async () => undefined)
    const lost: DueMark = { lane: 'a', dueAt: 1, id: 'lost', scope: place }
    await platform.store.commit((tx) => tx.in(queue.order, place).put(lost))

    await put(items('a', 1))
    await igarape.settled()
    await platform.store.flushed()

    expect([...platform.store.in(queue.order, place).list()]).toEqual([])
  })
})

describe('items whose work is a commit', () => {
  const itemsMax = 4
  /** Notes what each run was of, and those that were run alone; `fails` throws for the items of a run. */
  function together(igarape: Igarape, fails: (ids: string[]) => boolean = () => false) {
    const [runs, alone]: [string[][], string[]] = [[], []]
    const runsTogether: Together<Item> = {
      takes: (lane) => lane !== 'alone',
      itemsMax,
      weightMax: 100,
      weightOf: ({ id }) => (id.startsWith('heavy') ? 60 : 1),
      async run(placed, ctx) {
        const ids = placed.map(({ item }) => item.id)
        runs.push(ids)
        if (fails(ids)) throw new Error('a bug')
        await ctx.commit((tx) => {
          for (const { item, mark } of placed) tx.at(mark.scope).due(queue).delete(item.id, mark)
        })
      },
    }
    const { queue, put } = workerWith(igarape, async ({ id }) => void alone.push(id), { together: runsTogether })
    return { queue, put, runs, alone }
  }

  test('are run together by lanes, in order of time, so many at most', async ({ igarape }) => {
    const { put, runs, alone } = together(igarape)

    await put([...items('a', 6), ...items('alone', 2), ...items('b', 1)])
    await igarape.settled()

    const ofA = runs.filter((ids) => ids[0]?.startsWith('a'))
    expect(ofA.flat()).toEqual(['a-0', 'a-1', 'a-2', 'a-3', 'a-4', 'a-5'])
    expect(ofA.every((ids) => ids.length <= itemsMax)).toBe(true)
    expect(ofA.length).toBeLessThan(6)
    expect(runs).toContainEqual(['b-0'])
    expect(alone).toEqual(['alone-0', 'alone-1'])
  })

  test('are fewer in a run where they weigh much', async ({ igarape }) => {
    const { put, runs } = together(igarape)

    await put(items('heavy', 5))
    await igarape.settled()

    expect(runs.flat()).toHaveLength(5)
    expect(runs.every((ids) => ids.length <= 2)).toBe(true)
  })

  test('are run each by itself where their run throws', async ({ igarape }) => {
    const { queue, put, runs, alone } = together(igarape, (ids) => ids.includes('a-2'))

    await put(items('a', 4))
    await igarape.settled()

    expect(runs[0]).toContain('a-2')
    expect(alone).toContain('a-2')
    expect([...alone, ...runs.filter((ids) => !ids.includes('a-2')).flat()].sort()).toEqual([
      'a-0',
      'a-1',
      'a-2',
      'a-3',
    ])
    await igarape.server.platform.store.flushed()
    expect([...igarape.server.platform.store.in(queue.order, place).list()]).toEqual([])
  })

  test('are found where they come in before those that run', async ({ igarape }) => {
    const { platform } = igarape.server
    const { queue, put, runs } = together(igarape)
    await put(items('b', 3 * itemsMax))
    const sooner = runs.length
    await platform.context(place).commit((tx) => tx.due(queue).put({ id: 'a', lane: 'b', dueAt: tx.now - 1_000 }))
    await igarape.settled()

    expect(sooner).toBeLessThan(3)
    expect(runs.flat().sort()).toEqual(['a', ...items('b', 3 * itemsMax).map(({ id }) => id)].sort())
  })
})

test('rows that an older version marked by time alone are run', async ({ igarape }) => {
  const { platform } = igarape.server
  const queue = dueQueue<Item>('tests/older')
  const older = collection<Omit<DueMark, 'lane'>>('due-order/tests/older', {
    version: 1,
    scope: 'global',
    key: ({ dueAt, scope, id }) => [dueAt, scope.account, scope.region, id],
  })
  await platform.store.commit((tx) => {
    tx.in(queue.rows, place).put({ scope: place, item: { id: 'x', dueAt: 1, lane: 'a' } })
    tx.in(older, place).put({ dueAt: 1, id: 'x', scope: place })
  })
  const ran: string[] = []
  platform.runner.register(
    worker<Item>('tests', {
      queue,
      fairBy: (item) => item.lane,
      async run(item, ctx) {
        ran.push(item.id)
        await ctx.commit((tx) => tx.due(queue).delete(item.id))
      },
    }),
  )

  await platform.runner.stop()
  platform.runner.start()
  await platform.store.flushed()
  await igarape.settled()

  expect(ran).toEqual(['x'])
  expect([...platform.store.in(queue.order, place).list()]).toEqual([])
})
