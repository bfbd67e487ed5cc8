/** The log's memory above the table: whatever is written and deleted in whatever order, a range is what a plain map says. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backend, lmdbBackend } from '../../src/store/backend.ts'
import { encodeKey } from '../../src/store/keys.ts'
import type { LogFile } from '../../src/store/logFile.ts'
import { LoggedBackend } from '../../src/store/loggedBackend.ts'

/** A file that forgets: what lies in memory is what is tested. */
const nowhere: LogFile = {
  read: async () => Buffer.alloc(0),
  write: async () => undefined,
  cut: async () => undefined,
  close: async () => undefined,
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const keyOf = (number: number) => encodeKey(['test/rows', number])
/** A generation stays on its way to the table while more is written and read. */
function slow(table: Backend): Backend {
  const write: Backend['write'] = async (batch) => {
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    await table.write(batch)
  }
  return { ...table, write }
}

const steps = fc.array(
  fc.oneof(
    // Ranges are few: what a generation has is put in order by the first that is read of it, which may come late.
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(20) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('range' as const), from: fc.nat(20), reverse: fc.boolean() }),
    },
  ),
  { minLength: 40, maxLength: 120 },
)

test('ranges over generations and table are those of a map', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-recent-'))
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const table = slow(lmdbBackend(mkdtempSync(join(folder, 'run-')), { durable: false }))
      // So little room that generations follow each other every few writes.
      const backend = await LoggedBackend.open(table, [nowhere, nowhere], { recentBytesMax: 2_000, fileBytesMax: 1e9 })
      const model = new Map<string, string>()
      for (const [at, step] of plan.entries()) {
        if (step.kind === 'range') {
          const [from, to] = [keyOf(step.from), keyOf(100)]
          const found = [...backend.range({ from, to, reverse: step.reverse })].map(([key, value]) => [
            key,
            text(value),
          ])
          const wanted = [...model].filter(([key]) => key >= from).sort(([a], [b]) => (a < b ? -1 : 1))

          expect(found).toEqual(step.reverse ? wanted.reverse() : wanted)
          continue
        }
        const value = step.kind === 'put' ? `written by step ${at}` : undefined
        await backend.write([{ key: keyOf(step.key), value: value === undefined ? undefined : Buffer.from(value) }])
        if (value) model.set(keyOf(step.key), value)
        else model.delete(keyOf(step.key))
      }
      await backend.close()
    }),
    { numRuns: 100 },
  )
  rmSync(folder, { recursive: true })
})

test('the first of a range that is written anew above the table costs a few steps of the table', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-recent-'))
  const lmdb = lmdbBackend(folder, { durable: false })
  let steps = 0
  const table: Backend = {
    ...lmdb,
    *range(wanted) {
      for (const entry of lmdb.range(wanted)) {
        steps++
        yield entry
      }
    },
  }
  const backend = await LoggedBackend.open(table, [nowhere, nowhere])
  const rows = (value: string) =>
    Array.from({ length: 2_000 }, (_, at) => ({ key: keyOf(at), value: Buffer.from(value) }))
  await backend.write(rows('old'))
  await backend.checkpoint()
  await backend.write(rows('new'))
  for (let from = 0; from < 100; from++) {
    for (const [key, value] of backend.range({ from: keyOf(from), to: keyOf(2_000) })) {
      expect([key, text(value)]).toEqual([keyOf(from), 'new'])
      break
    }
  }

  expect(steps).toBeLessThan(500)
  await backend.close()
  rmSync(folder, { recursive: true })
})
