/** Traces on disk: what a commit did is one record, a trace has an end, and an older store's hops are read. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { traceOf, traceSummaries } from '../../src/control/traces.ts'
import { traceHopsMax } from '../../src/delivery/traceLedger.ts'
import { type Hop, hopsOf, idsOfOneHead, traceParts, traceStarts, traceSubjects } from '../../src/observe/traces.ts'
import { collection } from '../../src/store/collection.ts'
import { openBackend } from '../../src/store/loggedBackend.ts'
import { Store } from '../../src/store/store.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const place = { account: '000000000000', region: 'us-east-1' }
const nowhere = { account: '', region: '' }
const hop = { service: 's3', action: 'PutObject', resource: 'raw/a.csv' }

async function withServer(run: (igarape: Igarape) => Promise<void>, options = {}): Promise<void> {
  const igarape = await startIgarape({ options })
  try {
    await run(igarape)
  } finally {
    await igarape.stop()
  }
}

/** So many that older ones are trimmed away. */
async function newerTraces({ server, clock, settled }: Igarape): Promise<void> {
  for (let other = 0; other < 20; other++) {
    await clock.advance({ seconds: 1 })
    await server.platform.context(place).commit((tx) => tx.hop(hop))
  }
  await settled()
}

test('the hops of one commit are one record, found by each of their subjects', () =>
  withServer(async ({ server: { platform } }) => {
    const ctx = platform.context(place)
    await ctx.commit((tx) => {
      for (const name of ['a', 'b', 'b']) {
        const put = tx.hop({ ...hop, subjects: [`s3://raw/${name}`] })
        tx.at({ trace: put }).hop({ ...hop, action: 'matched' })
      }
    })

    const { store } = platform
    expect(store.in(traceParts, nowhere).count({ prefix: [ctx.trace.traceId] })).toBe(1)
    expect(store.in(traceSubjects, nowhere).count()).toBe(2)
    expect(store.in(traceStarts, nowhere).count()).toBe(1)
    const { roots } = traceOf(platform, 's3://raw/b')
    expect(roots.map(({ children }) => children.map(({ action }) => action))).toEqual(Array(3).fill(['matched']))
  }))

test('ids that begin alike are found by one entry: each finds its trace, others find nothing, and a trim takes it away', () =>
  withServer(
    async (igarape) => {
      const { platform } = igarape.server
      const ctx = platform.context(place)
      const nextId = idsOfOneHead(platform.random)
      const ids = [nextId(), nextId()] as const
      await ctx.commit((tx) => {
        for (const id of ids) tx.hop({ ...hop, subjects: [id] })
      })

      const { store } = platform
      expect(store.in(traceSubjects, nowhere).count()).toBe(1)
      for (const id of ids) {
        expect(traceOf(platform, id).traceId).toBe(ctx.trace.traceId)
        expect(traceSummaries(platform, new URLSearchParams({ subject: id })).traces).toHaveLength(1)
      }
      expect(() => traceOf(platform, nextId())).toThrow('There is no trace')

      // What came later, in a part of its own, goes too.
      await ctx.commit((tx) => tx.hop({ ...hop, subjects: ['s3://raw/a'] }))
      await newerTraces(igarape)
      expect(store.in(traceSubjects, nowhere).count()).toBe(0)
      expect(store.in(traceParts, nowhere).count({ prefix: [ctx.trace.traceId] })).toBe(0)
    },
    { tracesMax: 5 },
  ))

test('ids of a store from before are each found by itself, and trimmed', () =>
  withServer(
    async (igarape) => {
      const { platform } = igarape.server
      const ctx = platform.context(place)
      const { traceId } = ctx.trace
      const id = platform.random.uuid()
      await ctx.commit((tx) => {
        tx.in(traceParts).put({
          traceId,
          id: 'part',
          hops: [{ ...hop, id: 'part', startedAt: 1, status: 'ok', subjects: [id] }],
        })
        tx.in(traceStarts).put({ traceId, startedAt: 1 })
        tx.in(traceSubjects).put({ subject: id, startedAt: 1, traceId })
      })

      expect(traceOf(platform, id).traceId).toBe(traceId)

      await newerTraces(igarape)
      expect(platform.store.in(traceSubjects, nowhere).count()).toBe(0)
    },
    { tracesMax: 5 },
  ))

test('a hop of a part that was undone is not told of', () =>
  withServer(async ({ server: { platform } }) => {
    const ctx = platform.context(place)
    await ctx.commit((tx) => {
      tx.hop(hop)
      const failing = () =>
        tx.savepoint(() => {
          tx.hop({ ...hop, action: 'undone' })
          throw new Error('no')
        })
      expect(failing).toThrow('no')
    })

    expect(traceOf(platform, ctx.trace.traceId).roots.map(({ action }) => action)).toEqual(['PutObject'])
  }))

test('what several commits add to a hop is there in their order', () =>
  withServer(async ({ server: { platform } }) => {
    const ctx = platform.context(place)
    const running = await ctx.commit((tx) => tx.hop({ ...hop, action: 'JobRun', status: 'running' }))
    for (let rows = 1; rows <= 20; rows++) await ctx.commit((tx) => tx.tellHop(running, { rows }))

    expect(traceOf(platform, ctx.trace.traceId).roots).toMatchObject([{ action: 'JobRun', rows: 20 }])
  }))

test('a hop ends in its own commit or in a later one', () =>
  withServer(async ({ server: { platform } }) => {
    const ctx = platform.context(place)
    const later = await ctx.commit((tx) => {
      tx.endHop(tx.hop({ ...hop, status: 'running' }), { status: 'ok', rows: 3 })
      return tx.hop({ ...hop, action: 'JobRun', status: 'running' })
    })
    const running = traceOf(platform, ctx.trace.traceId).roots.map(({ status }) => status)
    await ctx.commit((tx) => tx.endHop(later, { status: 'failed', error: 'no rows' }))

    expect(running).toEqual(['ok', 'running'])
    expect(traceOf(platform, ctx.trace.traceId).roots.map(({ status, rows, error }) => [status, rows, error])).toEqual([
      ['ok', 3, undefined],
      ['failed', undefined, 'no rows'],
    ])
  }))

test('a loop does not make a trace grow for ever: it is cut, and says so', () =>
  withServer(async ({ server: { platform } }) => {
    let { trace } = platform.context(place)
    const { traceId } = trace
    const turnHops = 500
    for (let turn = 0; turn < 3 * (traceHopsMax / turnHops); turn++) {
      trace = await platform
        .context({ ...place, trace })
        .commit(
          (tx) =>
            Array.from({ length: turnHops }, () => tx.hop({ ...hop, subjects: ['s3://raw/a.csv'] })).at(-1) as never,
        )
    }

    const parts = platform.store.in(traceParts, nowhere)
    const { hops, truncated } = hopsOf(parts, traceId)
    expect([hops.length, truncated]).toEqual([traceHopsMax, true])
    expect(parts.count({ prefix: [traceId] })).toBe(traceHopsMax / turnHops + 1)
    expect(traceSummaries(platform, new URLSearchParams()).traces[0]).toMatchObject({ traceId, truncated: true })
  }))

test('a trace that was trimmed away does not come back by a hop that ends', () =>
  withServer(
    async (igarape) => {
      const { platform } = igarape.server
      const ctx = platform.context(place)
      const running = await ctx.commit((tx) => tx.hop({ ...hop, status: 'running', subjects: ['s3://raw/a.csv'] }))
      for (let other = 0; other < 20; other++) {
        await igarape.clock.advance({ seconds: 1 })
        await platform.context(place).commit((tx) => tx.hop(hop))
      }
      await igarape.settled()
      await ctx.commit((tx) => tx.endHop(running, { status: 'ok' }))

      expect(platform.store.in(traceParts, nowhere).count({ prefix: [ctx.trace.traceId] })).toBe(0)
      expect(platform.store.in(traceSubjects, nowhere).count()).toBe(0)
      expect(platform.store.in(traceStarts, nowhere).count()).toBeLessThanOrEqual(6)
    },
    { tracesMax: 5 },
  ))

test('hops of a store from before are read as they were', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-traces-'))
  const older = collection<Hop>('observe/hops', {
    version: 1,
    scope: 'global',
    key: ({ traceId, id }) => [traceId, id],
  })
  const traceId = '1-67891233-abcdef012345678912345678'
  const old: Hop = { ...hop, traceId, id: '00000000000000a1', startedAt: 1, endedAt: 2, status: 'ok' }
  const store = await Store.open(await openBackend(data, { durable: true }))
  await store.commit((tx) => {
    tx.in(older, nowhere).put(old)
    tx.in(older, nowhere).put({ ...old, id: '00000000000000b1', parentId: old.id })
  })
  await store.close()

  const igarape = await startIgarape({ data })
  // A reader is the first to look at them: it waits for no commit.
  const { roots } = traceOf(igarape.server.platform, traceId)
  await igarape.stop()
  rmSync(data, { recursive: true })

  expect(roots).toMatchObject([{ ...old, children: [{ parentId: old.id }] }])
})
